/** `organic-sessions-cell/testing`: a cell in the process of its tests, and clients that log in to it. For any test runner. */
export { Client, newCredentials, type Answer } from './client'
export { startTestCell, type TestCell } from './test-cell'
