using Backprop.Models;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Room for some rows of features and their scores. Cursors and mappers have one each, so the network is shared by threads.</summary>
internal sealed class ScoreBatch(Network<float> network, int rows)
{
    private readonly int inputs = network.Mlp.Inputs;
    private readonly int outputs = network.Mlp.Outputs;
    private readonly float[] features = new float[rows * network.Mlp.Inputs];
    private readonly float[] scores = new float[rows * network.Mlp.Outputs];

    /// <summary>The scores of a row.</summary>
    internal ReadOnlySpan<float> this[int row] => scores.AsSpan(row * outputs, outputs);

    /// <exception cref="InvalidOperationException">The row has not as many features as the network has inputs.</exception>
    internal void Load(int row, in VBuffer<float> values)
    {
        if (values.Length != inputs)
        {
            throw new InvalidOperationException(
                $"A row has {values.Length} features but the network was trained on {inputs}. Use the pipeline it was trained with.");
        }

        values.CopyTo(features.AsSpan(row * inputs, inputs));
    }

    /// <summary>Scores the first rows as one matrix.</summary>
    internal void Score(int count) => network.Score(features.AsSpan(0, count * inputs), scores.AsSpan(0, count * outputs));

    /// <summary>Loads and scores one row, number 0.</summary>
    internal void ScoreOnly(in VBuffer<float> values)
    {
        Load(0, in values);
        Score(1);
    }
}

/// <summary>What a task makes of scores: the values of the columns a transformer adds.</summary>
internal interface IOutputColumns
{
    /// <summary>Their names.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>A <c>ValueGetter</c> of that column's type, over the row of the batch that <paramref name="row"/> tells.</summary>
    Delegate GetterOf(string column, ScoreBatch batch, Func<int> row);
}
