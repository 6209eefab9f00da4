import { describeFuzzedDna } from './fuzzed-dna.contract'

describeFuzzedDna(1000)
