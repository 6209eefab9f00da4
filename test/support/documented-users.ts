import User from '../../context/models/user'
import type { Callback } from '../../plasma/sessions/types'

type Found = Callback<User>

/**
 * The cell's own users, who can register, behind the documented interface of an owner model and no more: nobody can
 * change a password.
 */
export const documentedUsers = {
  createOrUpdate: (ownerData: unknown, callback: Found, from?: string) =>
    User.createOrUpdate(ownerData, callback, from),
  findByCredentials: (credentials: unknown, callback: Found) => User.findByCredentials(credentials, callback),
  findById: (id: unknown, callback: Found) => User.findById(id, callback),
  register: (registration: unknown) => User.register(registration),
}
