import { describeNoResurrection } from './resurrection.contract'

describeNoResurrection('in one process', 1, 12)
