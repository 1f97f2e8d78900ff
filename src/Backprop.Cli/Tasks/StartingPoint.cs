using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>A saved model taken apart, to be trained further: its columns, featurisation and classes stay.</summary>
internal sealed class StartingPoint
{
    private readonly SavedModel saved;
    private readonly ITransformer wording;

    private StartingPoint(SavedModel saved, ITransformer featuriser, IMultilayerPerceptronModel network, ITransformer wording)
        => (this.saved, Featuriser, Network, this.wording) = (saved, featuriser, network, wording);

    /// <summary>What it predicts from.</summary>
    public IReadOnlyList<CsvColumn> Columns => saved.Columns;

    /// <summary>From columns to the vector the network reads.</summary>
    public ITransformer Featuriser { get; }

    /// <summary>The network.</summary>
    public IMultilayerPerceptronModel Network { get; }

    private Head Head => Network.Network.Model.HeadOutputs[0].Head;

    /// <summary>Takes a model apart.</summary>
    /// <exception cref="InputException">It is not made of the parts that training puts together.</exception>
    public static StartingPoint Of(SavedModel saved)
        => saved.Chain is TransformerChain<ITransformer> { LastTransformer: TransformerChain<ITransformer> fitted } whole
            && whole.ToArray() is [var featuriser, _]
            && fitted.ToArray() is [IPredictionTransformer<IMultilayerPerceptronModel> trained, var wording]
            ? new(saved, featuriser, trained.Model, wording)
            : throw new InputException(
                $"'{saved.Path}' was not saved by this tool, and cannot be trained further. Make a model with 'backprop train --model'.");

    /// <summary>The task of the model, for other rows.</summary>
    /// <param name="head">The task asked for; without options of its own it has the model's.</param>
    /// <param name="labels">The label columns.</param>
    /// <param name="positive">The positive class asked for, or null.</param>
    /// <exception cref="InputException">It is not the model's task, or the labels are not as its labels were.</exception>
    public TabularTask TaskOf(Head head, IReadOnlyList<LabelTexts> labels, string? positive)
    {
        var isGeneral = head == Head.Parse(head.Name) && head.GetType() == Head.GetType();
        if (head != Head && !isGeneral)
        {
            throw new InputException($"'{saved.Path}' was trained for {Head}, not for {head}. Give --task \"{Head}\", or train a new model.");
        }

        string[] slots = [.. SlotsOfScore()];
        if (Head is RegressionHead or PoissonHead && (slots.Length > 0 || labels.Count > 1) && !slots.SequenceEqual(labels.Select(label => label.Column)))
        {
            throw new InputException(
                $"'{saved.Path}' predicts {(slots.Length > 0 ? string.Join(',', slots) : "one label")}, "
                + $"not {string.Join(',', labels.Select(label => label.Column))}. "
                + "Give the same --label.");
        }

        var classes = Head switch { BinaryHead => Worded(), MulticlassHead => slots, _ => null };
        return TabularTask.Of(Head, labels, positive, classes);
    }

    /// <summary>The names of a vector's scores: of classes, or of several labels.</summary>
    private IEnumerable<string> SlotsOfScore()
    {
        var schema = new TableView(0, [.. Columns.Select(column => column.Empty)]).Schema;
        var score = saved.Chain.GetOutputSchema(schema)[ColumnNames.Score];
        if (score.Type is not VectorDataViewType)
        {
            return [];
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString());
    }

    /// <summary>What the model calls its negative and its positive class.</summary>
    private string[] Worded()
    {
        var both = new TableView(2, [new TableColumn<bool>(ColumnNames.PredictedLabel, BooleanDataViewType.Instance, [false, true])]);
        return [.. wording.Transform(both).GetColumn<string>(ColumnNames.Prediction)];
    }
}
