import { describeFuzzedRequests } from './fuzzed-requests.contract'

describeFuzzedRequests(20_000, (statuses) => {
  console.log(JSON.stringify({ statuses }))
})
