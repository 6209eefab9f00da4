import { checkDna, clockOf, DnaError, logOf, messageOf, react } from '../../context/cell'
import { Redis } from '../../context/redis'
import { redisDna } from './dna'

/**
 * Opens the cell's Redis, and closes it after everything else when the cell ends. Stores `Redis { data }` with the open
 * {@link Redis}.
 */
function redisOrganelle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { emitReady, ...options } = checkDna(redisDna, dna)

  react(plasma, dna, async () => {
    const ending = new AbortController()
    plasma.on('killed', () => ending.abort())
    try {
      const redis = await Redis.open(options, { clock: clockOf(plasma), signal: ending.signal, log: logOf(plasma) })
      // Session stores wait for this one, whatever DNA calls the ready chemical.
      if (emitReady !== 'Redis') await plasma.store({ type: 'Redis', data: redis })
      return redis
    } catch (cause) {
      throw new DnaError('url', messageOf(cause), { cause })
    }
  })
}

redisOrganelle.dnaSchema = redisDna

export = redisOrganelle
