import type { Request } from 'express'
import { DnaError, clientOf, emitEvent, idOf } from '../context/cell'

/** Registers an owner, as the owner model does. @param registration as received, unchecked */
export type Register = (registration: unknown) => Promise<Organic.Owner>

/** The options of whoever registers owners. */
export interface RegistrationOptions {
  registration: boolean
  registrationBesideTrustPoint: boolean
}

/**
 * The owner model's `register`, if people may register here.
 *
 * @throws {DnaError}
 */
export function registrationOf({ sessions }: Organic.Plasma, options: RegistrationOptions): Register | undefined {
  const { ownerModel, asksTrustPoint } = sessions
  if (!options.registration || !ownerModel.register) return undefined
  if (asksTrustPoint && !options.registrationBesideTrustPoint) {
    throw new DnaError(
      'options.registration',
      'must be false if plasma.sessions has a remoteLoginEndpoint: whoever registers a name first could be taken for its owner there. ' +
        'options.registrationBesideTrustPoint: true allows it anyway',
    )
  }
  return ownerModel.register.bind(ownerModel)
}

/** Registers an owner for a request, and emits `OwnerRegistered`. */
export async function registerOwner(
  plasma: Organic.Plasma,
  req: Request,
  register: Register,
  registration: unknown,
): Promise<Organic.Owner> {
  const user = await register(registration)
  emitEvent(plasma, { type: 'OwnerRegistered', ownerId: idOf(user), ...clientOf(req) })
  return user
}
