import { describeFuzzedDna } from './fuzzed-dna.contract'

describeFuzzedDna(1000, ({ started, refused }) => {
  console.log(JSON.stringify({ started, refused }))
})
