import type { Request, Response } from 'express'

/** Whether to answer with a page. Programs that accept anything (`Accept: *\/*`) get JSON. */
export function prefersPage(req: Request): boolean {
  return req.accepts(['json', 'html']) === 'html'
}

/** Answers without content: sends browsers to a page, and programs 204. */
export function answerEmpty(req: Request, res: Response, page = '/'): void {
  if (prefersPage(req)) res.redirect(303, page)
  else res.status(204).end()
}

/**
 * Answers a logout like {@link answerEmpty}, and has browsers delete what scripts stored and the pages they keep for going
 * back, even those sent with `no-store` (OWASP ASVS 14.3.1). `"cookies"` would also delete those of sibling sites.
 */
export function answerLogout(req: Request, res: Response, page?: string): void {
  res.set('Clear-Site-Data', '"cache", "storage"')
  answerEmpty(req, res, page)
}
