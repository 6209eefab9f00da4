import { describeLoginsInFlight } from './logins-in-flight.contract'

describeLoginsInFlight(25)
