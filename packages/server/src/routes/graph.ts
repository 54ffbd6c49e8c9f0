import type { GraphExports, Indexing, Knowledge, Reports, SemanticIndex } from '@signalbox/core';
import * as contract from '../contract/graph.ts';
import type { Serve } from '../http/serve.ts';

interface GraphRooms {
  knowledge: Knowledge;
  indexing: Indexing;
  semantic: SemanticIndex;
  reports: Reports;
  graphExports: GraphExports;
}

export function graphRoutes(serve: Serve, rooms: GraphRooms): void {
  const { knowledge, indexing, semantic, reports, graphExports } = rooms;
  serve(contract.embedGraph, ({ body }, { projectId }) => semantic.embed(projectId, body));
  serve(contract.searchGraphByMeaning, ({ body }, { projectId }) => semantic.search(projectId, body));
  serve(contract.indexGraph, ({ body }, { projectId, actor }) => indexing.request(projectId, body, actor));
  serve(contract.getGraphIndexJob, ({ params }, { projectId }) => indexing.get(projectId, params.job));
  serve(contract.listGraphIndexJobs, async (_call, { projectId }) => ({ items: await indexing.list(projectId) }));
  serve(contract.searchGraph, ({ body }, { projectId }) => knowledge.search(projectId, body));
  serve(contract.ingestGraph, ({ body }, { projectId, actor }) => knowledge.ingest(projectId, body, actor));
  serve(contract.importGraphReport, ({ body }, { projectId, actor }) => reports.import(projectId, body, actor));
  serve(contract.exportGraph, ({ body }, { projectId }) => graphExports.export(projectId, body));
  serve(contract.getGraphEntity, ({ query }, { projectId }) =>
    knowledge.entity(projectId, query.id, query.at === undefined ? null : new Date(query.at)),
  );
  serve(contract.getGraphEntityTimeline, ({ query }, { projectId }) => knowledge.entityTimeline(projectId, query.id));
  serve(contract.getGraphRelationship, ({ params }, { projectId }) =>
    knowledge.relationship(projectId, params.relationship),
  );
  serve(contract.getGraphRelationshipTimeline, ({ params }, { projectId }) =>
    knowledge.relationshipTimeline(projectId, params.relationship),
  );
  serve(contract.takeGraphCheckpoint, ({ body }, { projectId, actor }) =>
    knowledge.takeCheckpoint(projectId, body, actor),
  );
  serve(contract.traverseGraph, ({ body }, { projectId }) => knowledge.traverse(projectId, body));
  serve(contract.findGraphPaths, ({ body }, { projectId }) => knowledge.paths(projectId, body));
  serve(contract.analyseGraphImpact, ({ body }, { projectId }) => knowledge.impact(projectId, body));
  serve(contract.findGraphCycles, ({ body }, { projectId }) => knowledge.cycles(projectId, body));
}
