// The whole mixin: prometheusRules, prometheusAlerts, grafanaDashboards. To change something, import this and override
// _config.
(import 'config.libsonnet')
+ (import 'rules.libsonnet')
+ (import 'alerts.libsonnet')
+ { grafanaDashboards+:: {
  'overview.json': import 'boards/overview.libsonnet',
  'queue.json': import 'boards/queue.libsonnet',
  'exporter.json': import 'boards/exporter.libsonnet',
} }
