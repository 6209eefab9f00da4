import { describeSessionRaces } from './session-races.contract'

describeSessionRaces(1)
