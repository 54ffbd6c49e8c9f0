import { analyseDependenciesSchema, analyseImpactSchema, searchGraphSchema } from '@signalbox/core';
import { analyseGraphImpact, searchGraph } from '../contract/graph.ts';
import { analyseGraphDependencies } from '../contract/graph-queries.ts';
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
];
