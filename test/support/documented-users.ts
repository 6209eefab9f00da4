import createUsers from '../../context/models/user'
import type { Callback } from '../../plasma/sessions/types'

type Found = Callback<createUsers.User>

/**
 * The cell's own users, who can register, behind the documented interface of an owner model and no more: nobody can
 * change a password.
 */
export function createDocumentedUsers(plasma: Organic.Plasma) {
  const users = createUsers(plasma)
  return {
    createOrUpdate: (ownerData: unknown, callback: Found, from?: string) =>
      users.createOrUpdate(ownerData, callback, from),
    findByCredentials: (credentials: unknown, callback: Found) => users.findByCredentials(credentials, callback),
    findById: (id: unknown, callback: Found) => users.findById(id, callback),
    register: (registration: unknown) => users.register(registration),
  }
}
