import { create, createFileRegistry, type DescMessage } from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';

interface Field {
  name: string;
  number: number;
  type: Type;
  label: Label;
  typeName?: string;
}

const one = (name: string, number: number, type: Type): Field => ({ name, number, type, label: Label.OPTIONAL });
const many = (name: string, number: number, type: Type): Field => ({
  ...one(name, number, type),
  label: Label.REPEATED,
});
const ofType = (field: Field, message: string): Field => ({ ...field, typeName: `.scip.${message}` });

/**
 * Of the schema that SCIP publishes the parts that the graph has a use for; the others are passed over when they are read. Enumerations
 * stand as whole numbers, which are the same bytes.
 */
const FILE = create(FileDescriptorProtoSchema, {
  name: 'scip.proto',
  package: 'scip',
  syntax: 'proto3',
  messageType: [
    {
      name: 'Index',
      field: [
        ofType(one('metadata', 1, Type.MESSAGE), 'Metadata'),
        ofType(many('documents', 2, Type.MESSAGE), 'Document'),
      ],
    },
    {
      name: 'Metadata',
      field: [
        ofType(one('tool_info', 2, Type.MESSAGE), 'ToolInfo'),
        one('project_root', 3, Type.STRING),
        one('text_document_encoding', 4, Type.INT32),
      ],
    },
    { name: 'ToolInfo', field: [one('name', 1, Type.STRING), one('version', 2, Type.STRING)] },
    {
      name: 'Document',
      field: [
        one('relative_path', 1, Type.STRING),
        ofType(many('occurrences', 2, Type.MESSAGE), 'Occurrence'),
        ofType(many('symbols', 3, Type.MESSAGE), 'SymbolInformation'),
        one('language', 4, Type.STRING),
        one('position_encoding', 6, Type.INT32),
      ],
    },
    {
      name: 'SymbolInformation',
      field: [
        one('symbol', 1, Type.STRING),
        many('documentation', 3, Type.STRING),
        ofType(many('relationships', 4, Type.MESSAGE), 'Relationship'),
        one('kind', 5, Type.INT32),
        one('display_name', 6, Type.STRING),
      ],
    },
    {
      name: 'Relationship',
      field: [one('symbol', 1, Type.STRING), one('is_reference', 2, Type.BOOL), one('is_implementation', 3, Type.BOOL)],
    },
    {
      name: 'Occurrence',
      field: [
        many('range', 1, Type.INT32),
        one('symbol', 2, Type.STRING),
        one('symbol_roles', 3, Type.INT32),
        many('enclosing_range', 7, Type.INT32),
      ],
    },
  ],
});

function messageOf(name: string): DescMessage {
  const found = createFileRegistry(FILE, () => undefined).getMessage(name);
  if (!found) throw new Error(`The schema of SCIP has no ${name}.`);
  return found;
}

export const SCIP_INDEX = messageOf('scip.Index');

/** Bits of an occurrence's roles. */
export const ROLE = { definition: 1, import: 2, write: 4, read: 8 } as const;

/** UTF-8 texts, and columns that count UTF-16 units. */
export const UTF8 = 1;
export const UTF16_COLUMNS = 2;
