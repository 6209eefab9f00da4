/** The HTML pages of a cell: templates, texts and what they load. */
export { readDevice } from './device'
export { Pages, pagesOf, type Entrance, type Form, type PagesOptions, type View } from './pages'
export { readReturnTo } from './return-to'
export type { Fault, Words } from './texts'
