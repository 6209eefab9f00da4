import { describeFuzzedRequests } from './fuzzed-requests.contract'

describeFuzzedRequests(8000)
