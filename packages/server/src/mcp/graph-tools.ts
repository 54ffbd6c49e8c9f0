import {
  analyseDependenciesSchema,
  analyseImpactSchema,
  findEntitySessionsSchema,
  searchGraphSchema,
  uuidSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { analyseGraphImpact, searchGraph } from '../contract/graph.ts';
import { analyseGraphDependencies } from '../contract/graph-queries.ts';
import { findSessionsByEntity, getJoiningContext } from '../contract/session-bridge.ts';
import { READS, type Tool, textOf, tool } from './tool.ts';

/** What agents ask of the code before they change it. */
export const GRAPH_TOOLS: readonly Tool[] = [
  tool({
    name: 'search_graph',
    title: 'Find code and what is around it',
    description: textOf(searchGraph),
    input: searchGraphSchema,
    output: searchGraph.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(searchGraph, { body }),
  }),
  tool({
    name: 'graph_dependencies',
    title: 'See what an entity depends on, and what on it',
    description: textOf(analyseGraphDependencies),
    input: analyseDependenciesSchema,
    output: analyseGraphDependencies.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(analyseGraphDependencies, { body }),
  }),
  tool({
    name: 'graph_impact',
    title: 'See what changes can break',
    description: textOf(analyseGraphImpact),
    input: analyseImpactSchema,
    output: analyseGraphImpact.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(analyseGraphImpact, { body }),
  }),
  tool({
    name: 'sessions_touching',
    title: 'See which sessions touched an entity',
    description: textOf(findSessionsByEntity),
    input: findEntitySessionsSchema,
    output: findSessionsByEntity.answer.schema,
    annotations: READS,
    run: (body, caller) => caller.run(findSessionsByEntity, { body }),
  }),
  tool({
    name: 'joining_context',
    title: 'See what to know before joining a session',
    description: `${textOf(getJoiningContext)} The agent is the caller where none is named.`,
    input: z.strictObject({ sessionId: uuidSchema, agent: z.string().min(1).max(100).optional() }),
    output: getJoiningContext.answer.schema,
    annotations: READS,
    run: ({ sessionId, agent }, caller) =>
      caller.run(getJoiningContext, { params: { id: sessionId }, query: { agent: agent ?? caller.actor } }),
  }),
];
