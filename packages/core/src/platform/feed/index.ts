export { type FeedCursor, type FeedEntry, formatCursor, parseCursor } from './feed-entry.ts';
export { FeedHub, type FeedHubOptions } from './feed-hub.ts';
export { dropFeedPartitions, makeFeedPartitions, renewFeedEpochs } from './feed-maintenance.ts';
export { onFeedSignal, signalFeed } from './feed-signal.ts';
export { type PlacedSpan, placeEntries } from './feed-store.ts';
export type { FeedItem, FeedSubscription } from './feed-subscription.ts';
export { type FeedPage, readFeed } from './read-feed.ts';
export { FEED_TOPICS, type FeedTopic, recordFeed, recordFeeds } from './record-feed.ts';
