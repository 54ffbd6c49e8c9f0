/** The furnished room of sessions, for tests of rooms that sessions stand on. */
export { codeOf, openFixture, type SessionFixture } from '../sessions/testing/session-fixture.ts';
