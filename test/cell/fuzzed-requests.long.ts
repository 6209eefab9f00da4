import { describeFuzzedRequests } from './fuzzed-requests.contract'

describeFuzzedRequests(20_000)
