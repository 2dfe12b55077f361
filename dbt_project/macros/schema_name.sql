{#- Schemas are named as they are promised to analysts (`marts`, `governance`), with no prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
