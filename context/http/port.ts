import { z } from 'zod'

/** What DNA with a wrong port is told. */
export const PORT_EXPECTED = 'expected a port number from 0 to 65535'

/** The number of a port in DNA. 0 is any free one. */
export const portNumber = z.int(PORT_EXPECTED).min(0, PORT_EXPECTED).max(65_535, PORT_EXPECTED)
