export { Client, newCredentials, type Answer } from '../../package/testing/client'
