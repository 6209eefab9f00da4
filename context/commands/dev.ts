import { DevSupervisor } from './dev-supervisor'

const supervisor = new DevSupervisor(process.cwd())
// A terminal sends Ctrl-C to the cell as well: it takes two signals at once as one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => supervisor.stop(signal))
void supervisor.ended.then((code) => process.exit(code))
