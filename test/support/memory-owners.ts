import type { Callback } from '../../context/cell'
import type { Owner, OwnerModel } from '../../plasma/sessions/owner-model'

export interface MemoryOwner extends Owner {
  username?: string
  password?: string
}

type Question = 'createOrUpdate' | 'findByCredentials' | 'findById'

/** An owner model that keeps its owners in memory, says who keeps them, answers by callback, and remembers its questions. */
export class MemoryOwners implements OwnerModel<MemoryOwner, Record<string, unknown>> {
  readonly asked: [question: Question, subject: unknown][] = []
  readonly owners: MemoryOwner[]

  constructor(...owners: MemoryOwner[]) {
    this.owners = owners
  }

  createOrUpdate(ownerData: Record<string, unknown>, callback: Callback<MemoryOwner>, from?: string): void {
    this.asked.push(['createOrUpdate', ownerData])
    const owner = { ...ownerData, trustPoint: from }
    this.owners.push(owner)
    setImmediate(callback, null, owner)
  }

  findByCredentials(credentials: Record<string, unknown>, callback: Callback<MemoryOwner>): void {
    this.asked.push(['findByCredentials', credentials])
    const { username, password } = credentials
    this.#answer((owner) => owner.username === username && owner.password === password, callback)
  }

  findById(id: unknown, callback: Callback<MemoryOwner>): void {
    this.asked.push(['findById', id])
    this.#answer((owner) => (owner.id ?? owner._id) === id, callback)
  }

  #answer(matches: (owner: MemoryOwner) => boolean, callback: Callback<MemoryOwner>): void {
    const owner = this.owners.find(matches)
    if (owner) setImmediate(callback, null, owner)
    else setImmediate(callback)
  }
}
