import { hierarchy, pack } from 'd3-hierarchy';

/** Something that is drawn: where it stands, and how it came to be there. */
export interface PlacedEntity {
  id: string;
  name: string;
  path: string | null;
}

/** A circle in the unit square. */
interface Circle {
  x: number;
  y: number;
  r: number;
}

export interface PackedEntity extends Circle {
  entity: PlacedEntity;
}
/** A directory or file with what is drawn of it in it. */
export interface PackedGroup extends Circle {
  /** Path; empty for all. */
  key: string;
  name: string;
  depth: number;
  count: number;
}

export interface Packing {
  groups: PackedGroup[];
  entities: PackedEntity[];
}

/** Where things stand that are in no file of the project. */
const ELSEWHERE = '(elsewhere)';

interface Branch {
  key: string;
  name: string;
  branches: Map<string, Branch>;
  leaves: PlacedEntity[];
}
type Item = { branch: Branch } | { leaf: PlacedEntity };

/**
 * Circles within circles: directories, files, and what is declared in them. What belongs together stands together, however much there is,
 * and the same things always stand at the same places.
 */
export function packEntities(entities: readonly PlacedEntity[]): Packing {
  const root = treeOf(entities);
  const tree = hierarchy<Item>({ branch: root }, (item) =>
    'branch' in item
      ? [
          ...[...item.branch.branches.values()].map((branch): Item => ({ branch })),
          ...item.branch.leaves.map((leaf): Item => ({ leaf })),
        ]
      : [],
  ).sum((item) => ('leaf' in item ? 1 : 0));
  const packed = pack<Item>().size([1, 1]).padding(0.004)(tree);
  const groups: PackedGroup[] = [];
  const placed: PackedEntity[] = [];
  for (const { data, x, y, r, depth, value = 0 } of packed.descendants()) {
    if ('leaf' in data) placed.push({ entity: data.leaf, x, y, r });
    else groups.push({ key: data.branch.key, name: data.branch.name, depth, count: value, x, y, r });
  }
  return { groups, entities: placed };
}

function treeOf(entities: readonly PlacedEntity[]): Branch {
  const root: Branch = { key: '', name: 'All', branches: new Map(), leaves: [] };
  const ordered = [...entities].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const entity of ordered) {
    let branch = root;
    for (const name of entity.path === null ? [ELSEWHERE] : entity.path.split('/')) {
      const key = branch.key === '' ? name : `${branch.key}/${name}`;
      const next = branch.branches.get(name) ?? { key, name, branches: new Map(), leaves: [] };
      branch.branches.set(name, next);
      branch = next;
    }
    branch.leaves.push(entity);
  }
  for (const [name, branch] of root.branches) root.branches.set(name, withoutLonely(branch));
  return root;
}

/** A directory with nothing in it but another is told by both names. */
function withoutLonely(branch: Branch): Branch {
  for (const [name, inner] of branch.branches) branch.branches.set(name, withoutLonely(inner));
  const [only] = branch.branches.values();
  if (branch.branches.size !== 1 || branch.leaves.length > 0 || only === undefined) return branch;
  return { ...only, name: `${branch.name}/${only.name}` };
}
