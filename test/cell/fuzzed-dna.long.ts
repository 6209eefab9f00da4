import { describeFuzzedDna } from './fuzzed-dna.contract'

describeFuzzedDna(500)
