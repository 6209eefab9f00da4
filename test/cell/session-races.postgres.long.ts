import { newPostgresUrl } from '../support/postgres'
import { describeSessionRaces } from './session-races.contract'

describeSessionRaces(25, newPostgresUrl)
