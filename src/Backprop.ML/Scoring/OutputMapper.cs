using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.ML;

/// <summary>Scores row by row into columns of our own choice, where ML.NET has no scorer with such columns.</summary>
/// <param name="network">What scores.</param>
/// <param name="columns">What makes columns of scores.</param>
/// <param name="schema">These columns with types and annotations.</param>
internal sealed class OutputMapper(Network<float> network, OutputColumns columns, DataViewSchema schema) : ISchemaBindableMapper
{
    ISchemaBoundMapper ISchemaBindableMapper.Bind(IHostEnvironment env, RoleMappedSchema schema) => new Bound(this, schema);

    private sealed class Bound(OutputMapper mapper, RoleMappedSchema input) : ISchemaBoundRowMapper
    {
        public RoleMappedSchema InputRoleMappedSchema => input;

        public ISchemaBindableMapper Bindable => mapper;

        public DataViewSchema InputSchema => input.Schema;

        public DataViewSchema OutputSchema => mapper.Schema;

        private DataViewSchema.Column Features => input.Feature!.Value;

        public IEnumerable<KeyValuePair<RoleMappedSchema.ColumnRole, string>> GetInputColumnRoles()
            => [RoleMappedSchema.ColumnRole.Feature.Bind(Features.Name)];

        public IEnumerable<DataViewSchema.Column> GetDependenciesForNewColumns(IEnumerable<DataViewSchema.Column> dependingColumns)
            => dependingColumns.Any() ? [Features] : [];

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
            => mapper.RowOf(input, Features, activeColumns);
    }

    private DataViewSchema Schema => schema;

    private SimpleRow RowOf(DataViewRow input, DataViewSchema.Column featureColumn, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        var getters = new Delegate[schema.Count];
        var batch = new ScoreBatch(network, 1);
        var featuresOf = activeColumns.Any() ? input.GetGetter<VBuffer<float>>(featureColumn) : null;
        VBuffer<float> features = default;
        var scored = -1L;
        int Row()
        {
            if (input.Position != scored || scored < 0)
            {
                featuresOf!(ref features);
                batch.ScoreOnly(in features);
                scored = input.Position;
            }

            return 0;
        }

        foreach (var column in activeColumns)
        {
            getters[column.Index] = columns.GetterOf(column.Name, batch, Row);
        }

        return new(schema, input, getters);
    }
}
