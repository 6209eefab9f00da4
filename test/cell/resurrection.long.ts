import { describeNoResurrection } from './resurrection.contract'

describeNoResurrection('in one process', 1, 25)

describeNoResurrection('in one of two processes on one database, while it ends in the other one', 2, 20)
