// What a dashboard file may hold: Grafana's own types, each panel kind with its own options. Every field of theirs may be
// left out, since Grafana fills it in; none may be made up.
import { AnnotationQuery, Dashboard, Panel, RowPanel } from './node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen';
import * as HeatmapKind from './node_modules/@grafana/schema/dist/types/raw/composable/heatmap/panelcfg/x/types.gen';
import * as StatKind from './node_modules/@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen';
import * as TableKind from './node_modules/@grafana/schema/dist/types/raw/composable/table/panelcfg/x/types.gen';
import * as TimeseriesKind from './node_modules/@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen';

type Optional<T> = unknown extends T ? T
  : T extends (infer Item)[] ? Optional<Item>[]
  : T extends object ? (string extends keyof T ? T : { [Key in keyof T]?: Optional<T[Key]> })
  : T;

type FieldConfig = NonNullable<Panel['fieldConfig']>;

interface Target {
  refId: string;
  expr: string;
  datasource: { type: 'prometheus'; uid: string };
  legendFormat?: string;
  format?: 'time_series' | 'table' | 'heatmap';
  editorMode?: 'code' | 'builder';
  instant?: boolean;
  range?: boolean;
}

type Kind<Type extends string, Options, Custom> =
  Optional<Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'>> & {
    type: Type;
    title: string;
    targets: Target[];
    options: Optional<Options>;
    fieldConfig: Optional<Omit<FieldConfig, 'defaults'>> & {
      defaults: Optional<Omit<FieldConfig['defaults'], 'custom'>> & { custom?: Optional<Custom> };
    };
  };

export type heatmap = Kind<'heatmap', HeatmapKind.Options, HeatmapKind.FieldConfig>;
export type stat = Kind<'stat', StatKind.Options, {}>;
export type table = Kind<'table', TableKind.Options, TableKind.FieldConfig>;
export type timeseries = Kind<'timeseries', TimeseriesKind.Options, TimeseriesKind.FieldConfig>;
export type row = Optional<Omit<RowPanel, 'panels'>> & { type: 'row'; panels: unknown[] };
// What Prometheus' data source reads of an annotation besides.
interface PrometheusAnnotation { expr?: string; step?: string; titleFormat?: string }
export type board = Optional<Omit<Dashboard, 'panels' | 'annotations'>> & {
  annotations: { list: (Optional<AnnotationQuery> & PrometheusAnnotation)[] };
  uid: string;
  title: string;
  schemaVersion: number;
  panels: unknown[];
};
