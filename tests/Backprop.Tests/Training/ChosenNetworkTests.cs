using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>A network that is chosen after a look at its rows is trained as one given before them, wherever they are kept.</summary>
public sealed class ChosenNetworkTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void InMemoryItHasTheBitsOfOneGivenBefore(bool sparse, bool validation)
    {
        var (table, held) = (Streamed.Classes(1_500, sparse), validation ? Streamed.Classes(200, sparse) : null);
        var expected = Trainer.Fit(Streamed.Network, table, Streamed.Options, held).WeightHash;
        var seen = new List<TableFacts>();
        Assert.Equal(expected, Trainer.Fit(Head.Multiclass, 3, Choose, table, held).WeightHash);
        Assert.Equal(expected, Fit(table, Choose, Streamed.Options with { MemoryCap = null, Hidden = [5], Epochs = 7 }, held).WeightHash);
        Assert.All(seen, facts => Assert.Equal((1_500, Streamed.Columns, 3, 1, sparse, Head.Multiclass), Known(facts)));
        Assert.All(seen, facts => Assert.Equal(new bool[Streamed.Columns], facts.HasMissing));
        Assert.Equal(2, seen.Count);

        (Model Model, TrainingOptions Options) Choose(TableFacts facts)
        {
            seen.Add(facts);
            return (Streamed.Network, Streamed.Options);
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void InAFileItHasTheBitsOfOneGivenBefore(bool sparse)
    {
        var table = Streamed.Classes(sparse ? 60_000 : 9_000, sparse);
        var expected = Streamed.Fit(Streamed.Network, table, Streamed.Options).WeightHash;
        TableFacts? seen = null;
        var result = Fit(table, Choose, Streamed.Options with { Hidden = [5], Epochs = 7, Optimizer = new Sgd() });
        Assert.Equal(expected, result.WeightHash);
        Assert.Equal((table.Rows, Streamed.Columns, 3, 1, sparse, Head.Multiclass), Known(seen!));

        (Model Model, TrainingOptions Options) Choose(TableFacts facts)
        {
            seen = facts;
            // How rows are kept is not chosen any more.
            return (Streamed.Network, Streamed.Options with { MemoryCap = 1 << 30, CacheFolder = Path.GetTempPath() });
        }
    }

    [Theory, InlineData(900), InlineData(9_000)]
    public void RowsMayLackFeaturesIfTheNetworkChosenTakesThat(int rows)
    {
        var table = Streamed.Classes(rows);
        table.Features[7] = float.NaN;
        table.Features[Streamed.Columns + 2] = float.PositiveInfinity;
        var options = Streamed.Options with { Layers = x => x.RobustScale().Linear(5).Apply(new Relu()) };
        var model = options.ModelFor(Head.Multiclass, Streamed.Columns, 3);
        IReadOnlyList<bool>? missing = null;
        var chosen = Fit(table, facts => (model, (missing = facts.HasMissing) is null ? Streamed.Options : options), Streamed.Options);
        Assert.Equal(Streamed.Fit(model, table, options).WeightHash, chosen.WeightHash);
        Assert.Equal([7], missing!.Index().Where(pair => pair.Item).Select(pair => pair.Index));
        Assert.StartsWith(
            "Feature 2 is NaN or infinite in some rows, which the network chosen, 60-8-3, does not take.",
            Assert.Throws<ArgumentException>(() => Fit(table, _ => (Streamed.Network, Streamed.Options), Streamed.Options)).Message,
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Heads))]
    public void OptionsDescribeANetworkForEveryTask(string name)
    {
        var head = Head.Parse(name);
        var outputs = Enumerable.Range(1, 3).First(head.Allows);
        var table = Catalogue.Table(new Mlp([6, outputs], Activation.Of(new Identity()), head), 60);
        var options = new TrainingOptions { Hidden = [7], Epochs = 2, Engine = Catalogue.Engine(1, null) };
        var chosen = Trainer.Fit(head, outputs, facts => (options.ModelFor(facts.Head, facts.Features, facts.Outputs), options), table);
        Assert.Equal(Trainer.Fit(head, outputs, table, options).WeightHash, chosen.WeightHash);
    }

    [Fact]
    public void AHeadMayGetOptions()
    {
        var smoothed = Head.Multiclass with { LabelSmoothing = 0.1 };
        var result = Trainer.Fit(
            Head.Multiclass, 3, facts => (Streamed.Options.ModelFor(smoothed, facts.Features, facts.Outputs), Streamed.Options), Streamed.Classes(300));
        Assert.Equal(smoothed, result.Network.Model.Head);
    }

    [Fact]
    public void ANetworkForOtherRowsIsRefused()
    {
        var table = Streamed.Classes(300);
        foreach (var other in new[] { $"{Streamed.Columns + 1}-3", $"{Streamed.Columns}-4" })
        {
            var model = Mlp.Parse(other, Activation.Of(new Relu()), Head.Multiclass);
            Assert.Contains(other, Assert.Throws<ArgumentException>(() => Trainer.Fit(Head.Multiclass, 3, _ => (model, Streamed.Options), table)).Message);
        }

        var regression = Mlp.Parse($"{Streamed.Columns}-3", Activation.Of(new Relu()), Head.Regression);
        Assert.Throws<ArgumentException>(() => Fit(table, _ => (regression, Streamed.Options), Streamed.Options));
        Assert.Throws<ArgumentException>(() => Fit(table, _ => (Streamed.Network, Streamed.Options with { Epochs = 0 }), Streamed.Options));
    }

    [Fact]
    public void ABatchThatTheCapDoesNotHoldIsRefusedWhenItIsChosen()
    {
        var large = Streamed.Options with { BatchSize = 1 << 16 };
        var message = Assert.Throws<ArgumentException>(() => Fit(Streamed.Classes(9_000), _ => (Streamed.Network, large), Streamed.Options)).Message;
        Assert.Contains("too little for batches of 65536 rows", message);
    }

    [Fact]
    public void ARowThatDoesNotFitIsRefusedBefore()
    {
        using var data = new TrainingData<float>(Head.Binary, 1, 4, _ => throw new InvalidOperationException(), Streamed.Options);
        Assert.Contains("which takes 4 and 1", Assert.Throws<ArgumentException>(() => data.Training.Add([1, 2, 3], [1])).Message);
        Assert.Throws<ArgumentException>(() => data.Training.Add([1, 2, 3, 4], [2]));
    }

    public static TheoryData<string> Heads => [.. Head.All.Select(head => $"{head}")];

    private static (long Rows, int Features, int Outputs, int Targets, bool Sparse, Head Head) Known(TableFacts facts)
        => (facts.Rows, facts.Features, facts.Outputs, facts.Targets, facts.IsSparse, facts.Head);

    private static TrainingResult<float> Fit(
        Examples<float> table, Func<TableFacts, (Model Model, TrainingOptions Options)> choose, TrainingOptions options, Examples<float>? held = null)
    {
        using var data = new TrainingData<float>(
            Head.Multiclass, 3, table.FeatureColumns, choose, options, new(Weights: true, ValidationRows: held is not null));
        data.Training.Add(table);
        if (held is not null)
        {
            data.Validation.Add(held);
        }

        return data.Fit();
    }
}
