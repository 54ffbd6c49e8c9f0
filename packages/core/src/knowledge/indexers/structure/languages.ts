/** How the structure of one language is read. */
export interface Language {
  name: string;
  /** Of its WebAssembly module. */
  grammar: string;
  extensions: readonly string[];
  /**
   * What is looked for in its trees: `@function`, `@method`, `@class`, `@interface`, `@typeAlias` and `@variable` are declarations, `@scope` only
   * names what stands in it; the `@name` of the same match says which. `@import` is what a file asks for, `@call` a name that is called,
   * `@base` what a class or interface builds on, `@branch` where a function may go another way.
   */
  query: string;
  /** Whether others see what goes by this name; `text` is how its declaration begins. */
  isExported: (name: string, text: string) => boolean;
  /**
   * Paths, with or without their extensions, that an import may mean, the likeliest first; of one that begins with two stars the end is known.
   * None where it is of no file of ours.
   */
  importedPaths: (text: string, from: string) => string[];
}

const everything = () => true;
const nothing = (): string[] => [];

const PYTHON = `
(class_definition name: (identifier) @name) @class
(class_definition superclasses: (argument_list [(identifier) (attribute)] @base))
(function_definition name: (identifier) @name) @function
(module (expression_statement (assignment left: (identifier) @name)) @variable)
(import_statement name: [(dotted_name) @import (aliased_import name: (dotted_name) @import)])
(import_from_statement module_name: (_) @import)
(call function: [(identifier) @call (attribute attribute: (identifier) @call)])
[(if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (conditional_expression) (boolean_operator)] @branch`;

const GO = `
(function_declaration name: (identifier) @name) @function
(method_declaration name: (field_identifier) @name) @method
(type_spec name: (type_identifier) @name type: (struct_type)) @class
(type_spec name: (type_identifier) @name type: (interface_type)) @interface
(source_file (const_declaration (const_spec name: (identifier) @name) @variable))
(import_spec path: (_) @import)
(call_expression function: [(identifier) @call (selector_expression field: (field_identifier) @call)])
[(if_statement) (for_statement) (expression_case) (type_case) (communication_case)] @branch`;

const RUST = `
(function_item name: (identifier) @name) @function
(struct_item name: (type_identifier) @name) @class
(enum_item name: (type_identifier) @name) @class
(trait_item name: (type_identifier) @name) @interface
(type_item name: (type_identifier) @name) @typeAlias
(const_item name: (identifier) @name) @variable
(impl_item type: (type_identifier) @name) @scope
(impl_item type: (generic_type type: (type_identifier) @name)) @scope
(mod_item name: (identifier) @name body: (_)) @scope
(mod_item name: (identifier) @import !body)
(use_declaration argument: (_) @import)
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call) (scoped_identifier name: (identifier) @call)])
[(if_expression) (for_expression) (while_expression) (loop_expression) (match_arm)] @branch`;

const JAVA = `
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(enum_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(superclass (type_identifier) @base)
(super_interfaces (type_list (type_identifier) @base))
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(import_declaration (scoped_identifier) @import)
(method_invocation name: (identifier) @call)
(object_creation_expression type: (type_identifier) @call)
[(if_statement) (for_statement) (enhanced_for_statement) (while_statement) (switch_label) (catch_clause) (ternary_expression)] @branch`;

const CPP = `
(function_definition declarator: (function_declarator declarator: [(identifier) (field_identifier) (destructor_name)] @name)) @function
(function_definition declarator: (function_declarator declarator: (qualified_identifier) @name)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function
(function_definition declarator: (reference_declarator (function_declarator declarator: [(identifier) (field_identifier)] @name))) @function
(class_specifier name: (type_identifier) @name body: (_)) @class
(struct_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @class
(base_class_clause (type_identifier) @base)
(namespace_definition name: (namespace_identifier) @name) @scope
(type_definition declarator: (type_identifier) @name) @typeAlias
(preproc_include path: (_) @import)
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call) (qualified_identifier name: (identifier) @call)])
[(if_statement) (for_statement) (for_range_loop) (while_statement) (case_statement) (catch_clause) (conditional_expression)] @branch`;

const RUBY = `
(class name: [(constant) (scope_resolution)] @name) @class
(module name: [(constant) (scope_resolution)] @name) @scope
(superclass [(constant) (scope_resolution)] @base)
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(call method: (identifier) @asks arguments: (argument_list (string (string_content) @import)) (#match? @asks "^require(_relative)?$"))
(call method: (identifier) @call)
[(if) (elsif) (unless) (while) (until) (when) (rescue) (conditional)] @branch`;

const PHP = `
(class_declaration name: (name) @name) @class
(trait_declaration name: (name) @name) @class
(enum_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(base_clause [(name) (qualified_name)] @base)
(class_interface_clause [(name) (qualified_name)] @base)
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @method
(namespace_use_clause [(name) (qualified_name)] @import)
(require_once_expression (string) @import)
(include_expression (string) @import)
(function_call_expression function: (name) @call)
(member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression (name) @call)
[(if_statement) (else_if_clause) (for_statement) (foreach_statement) (while_statement) (case_statement) (catch_clause)] @branch`;

const CSHARP = `
(class_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(enum_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(base_list (identifier) @base)
(namespace_declaration name: (_) @name) @scope
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(using_directive [(identifier) (qualified_name)] @import)
(invocation_expression function: [(identifier) @call (member_access_expression name: (identifier) @call)])
(object_creation_expression type: (identifier) @call)
[(if_statement) (for_statement) (foreach_statement) (while_statement) (switch_section) (catch_clause) (conditional_expression)] @branch`;

const BASH = `
(function_definition name: (word) @name) @function
(command name: (command_name (word) @asks) argument: (word) @import (#match? @asks "^([.]|source)$"))
(command name: (command_name (word) @call))
[(if_statement) (elif_clause) (for_statement) (while_statement) (case_item)] @branch`;

const ECMASCRIPT = `
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: (_) @name) @method
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @variable)
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @variable))
(import_statement source: (string (string_fragment) @import))
(export_statement source: (string (string_fragment) @import))
(call_expression function: [(identifier) @call (member_expression property: (property_identifier) @call)])
(new_expression constructor: (identifier) @call)
[(if_statement) (for_statement) (for_in_statement) (while_statement) (switch_case) (catch_clause) (ternary_expression)] @branch`;

const TYPESCRIPT = `${ECMASCRIPT}
(class_declaration name: (type_identifier) @name) @class
(abstract_class_declaration name: (type_identifier) @name) @class
(interface_declaration name: (type_identifier) @name) @interface
(type_alias_declaration name: (type_identifier) @name) @typeAlias
(extends_clause value: (identifier) @base)`;

const isPublic = (_name: string, text: string) => /\bpublic\b/.test(text);

/** All languages of which structure is read: files, declarations, imports, and names that are called. */
export const LANGUAGES: readonly Language[] = [
  {
    ...{ name: 'python', grammar: 'python', extensions: ['.py', '.pyi'], query: PYTHON },
    isExported: (name) => !name.startsWith('_'),
    importedPaths: (text, from) => {
      const [, dots = '', module = ''] = /^(\.*)(.*)$/.exec(text) ?? [];
      const path = module.replaceAll('.', '/');
      if (dots === '') return [path, `${path}/__init__`];
      const base = upwards(directoryOf(from), dots.length - 1);
      const inside = joined(base, path);
      return [inside, joined(inside, '__init__')];
    },
  },
  {
    ...{ name: 'go', grammar: 'go', extensions: ['.go'], query: GO },
    isExported: (name) => /^\p{Lu}/u.test(name),
    importedPaths: nothing,
  },
  {
    ...{ name: 'rust', grammar: 'rust', extensions: ['.rs'], query: RUST },
    isExported: (_name, text) => /^\s*pub\b/.test(text),
    importedPaths: (text, from) => {
      const [, module] = /^(?:crate::)?(\w+)/.exec(text) ?? [];
      if (module === undefined) return [];
      const directory = directoryOf(from);
      const inside = /(?:^|\/)(?:mod|lib|main)\.rs$/.test(from) ? directory : from.replace(/\.rs$/, '');
      return [joined(inside, module), joined(inside, `${module}/mod`), joined(directory, module)];
    },
  },
  {
    ...{ name: 'java', grammar: 'java', extensions: ['.java'], query: JAVA },
    isExported: isPublic,
    importedPaths: (text) => [`**/${text.replaceAll('.', '/')}`],
  },
  {
    // The grammar of C++ reads C as well.
    ...{ name: 'c', grammar: 'cpp', extensions: ['.c', '.h'], query: CPP },
    isExported: (_name, text) => !/^\s*static\b/.test(text),
    importedPaths: included,
  },
  {
    ...{ name: 'cpp', grammar: 'cpp', extensions: ['.cc', '.cpp', '.cxx', '.hh', '.hpp', '.hxx'], query: CPP },
    isExported: (_name, text) => !/^\s*static\b/.test(text),
    importedPaths: included,
  },
  {
    ...{ name: 'ruby', grammar: 'ruby', extensions: ['.rb'], query: RUBY },
    isExported: everything,
    importedPaths: (text, from) => [joined(directoryOf(from), text), `lib/${text}`, text],
  },
  {
    ...{ name: 'php', grammar: 'php', extensions: ['.php'], query: PHP },
    isExported: (_name, text) => !/\b(?:private|protected)\b/.test(text),
    importedPaths: (text, from) => {
      const path = unquoted(text).replace(/\.php$/, '');
      return text.includes('\\') ? [`**/${path.replaceAll('\\', '/')}`] : [joined(directoryOf(from), path), path];
    },
  },
  {
    ...{ name: 'csharp', grammar: 'c-sharp', extensions: ['.cs'], query: CSHARP },
    isExported: isPublic,
    importedPaths: nothing,
  },
  {
    ...{ name: 'bash', grammar: 'bash', extensions: ['.sh', '.bash'], query: BASH },
    isExported: everything,
    importedPaths: (text, from) => {
      const path = text.replace(/\.(?:sh|bash)$/, '');
      return [joined(directoryOf(from), path), path];
    },
  },
  {
    ...{ name: 'typescript', grammar: 'typescript', extensions: ['.ts', '.mts', '.cts'], query: TYPESCRIPT },
    isExported: (_name, text) => /^\s*export\b/.test(text),
    importedPaths: relativeModule,
  },
  {
    ...{ name: 'typescript', grammar: 'tsx', extensions: ['.tsx'], query: TYPESCRIPT },
    isExported: (_name, text) => /^\s*export\b/.test(text),
    importedPaths: relativeModule,
  },
  {
    ...{ name: 'javascript', grammar: 'javascript', extensions: ['.js', '.mjs', '.cjs', '.jsx'], query: ECMASCRIPT },
    isExported: (_name, text) => /^\s*export\b/.test(text),
    importedPaths: relativeModule,
  },
];

const byExtension = new Map(LANGUAGES.flatMap((one) => one.extensions.map((extension) => [extension, one] as const)));

export function languageOfPath(path: string): Language | null {
  return byExtension.get(/\.[^./]+$/.exec(path)?.[0] ?? '') ?? null;
}

function included(text: string, from: string): string[] {
  const path = unquoted(text);
  return text.startsWith('<') ? [`include/${path}`] : [joined(directoryOf(from), path), path, `include/${path}`];
}

function relativeModule(text: string, from: string): string[] {
  if (!text.startsWith('.')) return [];
  const path = joined(directoryOf(from), text.replace(/\.[cm]?[jt]sx?$/, ''));
  return [path, `${path}/index`];
}

function unquoted(text: string): string {
  return text.replace(/^["'<]|[">']$/g, '');
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function upwards(directory: string, levels: number): string {
  return directory
    .split('/')
    .slice(0, levels === 0 ? undefined : -levels)
    .join('/');
}

/** Without `.` and `..`; what leads out of the workspace is no path of ours. */
function joined(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${directory}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
