import { runCell } from 'organic-sessions-cell/cell'

runCell({ root: __dirname })
