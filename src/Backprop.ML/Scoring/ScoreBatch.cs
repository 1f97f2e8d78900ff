using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Room for some rows of features and their scores. Cursors and mappers have one each, so the network is shared by threads.</summary>
internal class ScoreBatch(Network<float> network, int rows)
{
    private readonly int inputs = network.Model.Inputs;
    private readonly int outputs = network.Model.Outputs;
    private readonly bool takesSparse = network.Model.TakesSparse;
    private readonly float[] scores = new float[rows * network.Model.Outputs];
    private readonly bool[] isSparse = new bool[rows];
    private readonly int[] starts = new int[rows + 1];
    private int[] indices = [];
    private float[] nonZeros = [];
    // Made when the first dense row comes: a wide network may never see one.
    private float[] features = [];

    /// <summary>The scores of a row.</summary>
    internal ReadOnlySpan<float> this[int row] => scores.AsSpan(row * outputs, outputs);

    /// <summary>Takes a row; rows come in order from 0.</summary>
    /// <exception cref="InvalidOperationException">The row has not as many features as the network has inputs.</exception>
    internal virtual void Load(int row, in VBuffer<float> values)
    {
        if (values.Length != inputs)
        {
            throw new InvalidOperationException(
                $"A row has {values.Length} features but the network was trained on {inputs}. Use the pipeline it was trained with.");
        }

        isSparse[row] = takesSparse && !values.IsDense && Sparsity.AreFew(values.GetValues().Length, values.Length);
        starts[row + 1] = starts[row];
        if (isSparse[row])
        {
            LoadSparse(row, in values);
            return;
        }

        if (features.Length == 0)
        {
            features = new float[rows * inputs];
        }

        values.CopyTo(features.AsSpan(row * inputs, inputs));
    }

    /// <summary>Scores the first rows, those of one kind that follow each other as one matrix.</summary>
    internal virtual void Score(int count)
    {
        for (var (first, end) = (0, 0); first < count; first = end)
        {
            while (end < count && isSparse[end] == isSparse[first])
            {
                end++;
            }

            var target = scores.AsSpan(first * outputs, (end - first) * outputs);
            if (isSparse[first])
            {
                network.Score(starts.AsSpan(first, end - first + 1), indices.AsSpan(0, starts[count]), nonZeros.AsSpan(0, starts[count]), target);
            }
            else
            {
                network.Score(features.AsSpan(first * inputs, (end - first) * inputs), target);
            }
        }
    }

    /// <summary>A getter of the first score of the row that <paramref name="row"/> tells.</summary>
    internal ValueGetter<float> ScalarGetter(Func<int> row) => (ref float value) => value = this[row()][0];

    /// <summary>A getter of all scores of the row that <paramref name="row"/> tells.</summary>
    internal ValueGetter<VBuffer<float>> VectorGetter(Func<int> row) => (ref VBuffer<float> value) =>
    {
        var rowScores = this[row()];
        var editor = VBufferEditor.Create(ref value, rowScores.Length);
        rowScores.CopyTo(editor.Values);
        value = editor.Commit();
    };

    /// <summary>Loads and scores one row, number 0.</summary>
    internal void ScoreOnly(in VBuffer<float> values)
    {
        Load(0, in values);
        Score(1);
    }

    private void LoadSparse(int row, in VBuffer<float> values)
    {
        var count = values.GetValues().Length;
        var end = starts[row] + count;
        if (end > nonZeros.Length)
        {
            Array.Resize(ref indices, 2 * end);
            Array.Resize(ref nonZeros, 2 * end);
        }

        values.GetIndices().CopyTo(indices.AsSpan(starts[row], count));
        values.GetValues().CopyTo(nonZeros.AsSpan(starts[row], count));
        starts[row + 1] = end;
    }
}
