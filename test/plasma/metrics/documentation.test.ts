import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MetricObjectWithValues, MetricValue } from 'prom-client'
import { parse } from 'yaml'
import { EventBus } from '../../../context/cell/event-bus'
import { createMeasurements } from '../../../plasma/metrics/measurements'
import { ROOT } from '../../support/project'

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[]
  templating: { list: { query: string }[] }
}
interface Rules {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[]
}

const read = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8')

describe('the documentation of the metrics', () => {
  let metrics: Map<string, { labels: string[]; isHistogram: boolean }>

  before(async () => {
    const plasma = new EventBus()
    const { registry } = createMeasurements(plasma)
    const all = (await registry.getMetricsAsJSON()) as MetricObjectWithValues<MetricValue<string>>[]
    metrics = new Map(
      all.map(({ name, type }) => {
        const { labelNames = [] } = registry.getSingleMetric(name) as unknown as { labelNames?: string[] }
        return [name, { labels: [...labelNames], isHistogram: String(type) === 'histogram' }]
      }),
    )
    await plasma.emit('killed')
  })

  /** Fails for an expression that names a metric, or a label of one, that there is not. */
  function checkExpression(expression: string): void {
    const found = [...expression.matchAll(/\b((?:cell|process)_\w+)(?:\{([^}]*)\})?/g)]
    expect(found.length + (expression.match(/\bup\{/g) ?? []).length, expression).to.be.greaterThan(0)
    for (const [, name = '', matchers = ''] of found) {
      const base = name.replace(/_(bucket|count|sum)$/, '')
      const metric = metrics.get(name) ?? metrics.get(base) ?? expect.fail(`there is no ${name}`)
      expect(metric.isHistogram, name).to.equal(!metrics.has(name))
      const labels = [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label)
      expect([...metric.labels, 'job', 'instance'], name).to.include.members(labels)
    }
  }

  it('lists every metric with its labels and its type, and no other', () => {
    const rows = [...read('operating.md').matchAll(/^\| `((?:cell|process)_\w+)` \|(.*?)\| (\w+)/gm)]
    const listed = rows.map(([, name, labels = '']) => [
      name,
      [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    ])
    expect(listed).to.have.deep.members([...metrics].map(([name, { labels }]) => [name, labels]))
    for (const [, name = '', , type] of rows)
      expect(type === 'histogram', name).to.equal(metrics.get(name)?.isHistogram)
  })

  it('has a dashboard that asks for metrics that there are', () => {
    const { panels, templating } = JSON.parse(read('grafana-dashboard.json')) as Dashboard
    expect(panels).not.to.be.empty
    for (const { targets } of panels) for (const { expr } of targets) checkExpression(expr)
    for (const { query } of templating.list) if (query !== 'prometheus') checkExpression(query)
    // Every metric is on it.
    const all = JSON.stringify(panels)
    for (const name of metrics.keys()) expect(all).to.include(name)
  })

  it('has alert rules about metrics that there are, each with a summary', () => {
    const { groups } = parse(read('alert-rules.yml')) as Rules
    const rules = groups.flatMap((group) => group.rules)
    expect(new Set(rules.map(({ alert }) => alert))).to.have.property('size', rules.length)
    for (const { expr, annotations } of rules) {
      checkExpression(expr)
      expect(annotations.summary).to.be.a('string')
    }
  })
})
