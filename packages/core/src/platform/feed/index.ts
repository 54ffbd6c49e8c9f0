export { onFeedSignal, signalFeed } from './feed-signal.ts';
export { FEED_TOPICS, type FeedTopic, recordFeed } from './record-feed.ts';
