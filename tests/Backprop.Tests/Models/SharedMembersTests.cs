using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Models;

/// <summary>Members that share layers are what as many networks are whose shared weights are equal.</summary>
public class SharedMembersTests
{
    private const int Rows = 19;
    private const int Members = 3;
    private const int Features = 5;

    // Sums of some dozens of numbers of size 1, in two orders.
    private const double Tolerance = 1e-13;

    public static TheoryData<string> Heads =>
        [.. Head.All.Select(head => $"{head}"), "multiclass(weights=1 0 2.5,ignore=1,smoothing=0.1)", "regression(sum)", "regression(huber(0.5))"];

    [Theory, MemberData(nameof(Heads))]
    public void LossAndGradientsAreMeansOfTheMembers(string text)
    {
        var (model, alone, table) = Case(text);
        var weights = Initializers.Default<double>(model, 3);
        var (loss, gradients) = Gradients(weights, table);
        var (losses, shared) = (0.0, new Dictionary<string, double[]>());
        for (var member = 1; member <= Members; member++)
        {
            var (own, its) = Gradients(Member(weights, alone, member), table);
            losses += own / Members;
            foreach (var tensor in its.Tensors)
            {
                var name = NameOf(tensor.Name, member);
                var sum = shared.TryGetValue(name, out var known) ? known : shared[name] = new double[tensor.Length];
                for (var i = 0; i < sum.Length; i++)
                {
                    sum[i] += its[tensor][i] / Members;
                }
            }
        }

        Assert.Equal(losses, loss, Tolerance * Math.Max(1, Math.Abs(losses)));
        Assert.Equal(gradients.Tensors.Select(tensor => tensor.Name).Order(), shared.Keys.Order());
        var scale = Math.Max(1, shared.Values.Max(numbers => numbers.Max(Math.Abs)));
        foreach (var tensor in gradients.Tensors)
        {
            Assert.All(gradients[tensor].ToArray().Zip(shared[tensor.Name]), pair => Assert.Equal(pair.Second, pair.First, Tolerance * scale));
        }
    }

    [Theory, MemberData(nameof(Heads))]
    public void WhatIsScoredAndValidatedIsTheMeanOfTheLogits(string text)
    {
        var (model, alone, table) = Case(text);
        var weights = Initializers.Default<double>(model, 3);
        var logits = new double[Rows * model.Outputs];
        for (var member = 1; member <= Members; member++)
        {
            var own = new double[logits.Length];
            using var pass = new GradientPass<double>(alone, Rows);
            pass.Run(Member(weights, alone, member), table, All, new(alone), own);
            for (var i = 0; i < own.Length; i++)
            {
                logits[i] += own[i] / Members;
            }
        }

        // A network whose logits are its features, which are the mean's.
        var given = Model.Of(Signal.Features(model.Outputs).Through(new Activate(Activation.Of(new Identity()))), model.Head);
        var (expected, scores) = (new double[logits.Length], new double[logits.Length]);
        var none = new Weights<double>(given);
        new Network<double>(none).Score(logits, expected);
        new Network<double>(weights).Score(table.Features, scores);
        Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));

        using var step = new TrainingStep<double>(weights, new Sgd(), Rows);
        using var validation = step.Evaluation(Rows, new());
        using var head = new GradientPass<double>(given, Rows);
        var loss = head.Run(none, new(Rows, logits, table.Targets, table.Weights), All, new(given), new double[logits.Length]);
        Assert.Equal(loss, validation.Run(table, All, 0).Loss, Tolerance * Math.Max(1, Math.Abs(loss)));
    }

    [Theory]
    [InlineData("multiclass(weights=1 0 2.5)")]
    [InlineData("regression")]
    [InlineData("regression(sum)")]
    public void AccumulatedBatchesMakeTheUpdateOfOne(string text)
    {
        var (model, _, table) = Case(text);
        var weights = Initializers.Default<double>(model, 3);
        Weights<double> After(int batches, params int[][] rows)
        {
            using var step = new TrainingStep<double>(weights, new Sgd { LearningRate = 0.1 }, Rows, updates: new() { AccumulatedBatches = batches });
            Array.ForEach(rows, batch => step.Run(table, batch));
            var after = new Weights<double>(model);
            step.CopyWeightsTo(after);
            return after;
        }

        var (whole, parts) = (After(1, All), After(2, All[..7], All[7..]));
        Assert.All(whole.Values.ToArray().Zip(parts.Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, Tolerance * 10));
    }

    [Fact]
    public void OptionsDescribeThem()
    {
        TrainingOptions options = new() { Hidden = [6, 4], Inputs = x => x.RobustScale(), Dropout = 0.2, SharedMembers = 3 };
        var model = options.ModelFor(Head.Multiclass, 20, 3);
        Assert.Equal(3, model.Outputs);
        Assert.Equal(6 * 21 + 4 * 7 + 3 * (20 + 3 * 5), model.Parameters);
        Assert.IsType<MemberMean>(model.HeadOutputs[0].Logits.Layer);
        Assert.Equal(model.SignalOf("output2"), model.HeadOutputs[0].Trained[1]);
        var signs = Enumerable.Range(1, 3).Select(member => Initializers.Default<float>(model, 1)[$"adapter{member}.weight"].ToArray()).ToArray();
        Assert.All(signs, adapter => Assert.All(adapter, sign => Assert.Equal(1, Math.Abs(sign))));
        Assert.NotEqual(signs[0], signs[1]);
        Assert.NotEqual(signs[1], signs[2]);
        Assert.IsType<Mlp>((options with { Inputs = null, Dropout = 0, SharedMembers = 1 }).ModelFor(Head.Multiclass, 5, 3));
    }

    [Fact]
    public void LastLayersAreOutputs()
    {
        var model = new TrainingOptions { Hidden = [6], SharedMembers = 2 }.ModelFor(Head.Binary, 5, 1);
        var weights = Initializers.Of<float>(model, new(1), new DefaultWeights(), new DefaultBiases(), new Zeros(), new Constant { Value = 3 });
        foreach (var member in new[] { 1, 2 })
        {
            Assert.All(weights[$"output{member}.weight"].ToArray(), number => Assert.Equal(0, number));
            Assert.Equal([3], weights[$"output{member}.bias"].ToArray());
        }
    }

    [Fact]
    public void WhatHasNoMeanIsRefused()
    {
        var x = Signal.Features(3);
        Assert.StartsWith("0 members have no mean.", Assert.Throws<ArgumentException>(() => x.SharedMembers(0, h => h, 1)).Message);
        Assert.StartsWith(
            "A MemberMean layer takes values of as many columns, not of 2, 1.",
            Assert.Throws<ArgumentException>(() => Signal.Of(new MemberMean(), x.Linear(2), x.Linear(1))).Message);
        var table = new Examples<float>(4, new float[12], new float[4]);
        Assert.StartsWith("SharedMembers is 0, not from 1", Assert.Throws<ArgumentException>(
            () => Trainer.Fit(Model.Of(x.Linear(1), Head.Regression), table, new() { SharedMembers = 0 })).Message);
    }

    private static int[] All => [.. Enumerable.Range(0, Rows)];

    /// <summary>Three members, and the network that each of them is.</summary>
    private static (Model Model, Model Alone, Examples<double> Table) Case(string text)
    {
        var head = Head.Parse(text);
        var outputs = head switch { BinaryHead => 1, GaussianHead => 2, _ => 3 };
        var x = Signal.Features(Features);
        static Signal Shared(Signal h) => h.Linear(6).Apply(new Tanh()).Linear(4, "second").Apply(new Silu());
        var model = Model.Of(x.SharedMembers(Members, Shared, outputs), head);
        var alone = Model.Of(Shared(x.Through(new Scale { Name = "adapter" })).Linear(outputs, "output"), head);
        var random = new TorchRandom(7);
        var (features, weights) = (new double[Rows * Features], new double[Rows]);
        random.FillUniform<double>(features, -2, 2);
        random.FillUniform<double>(weights, 0.5, 1.5);
        var columns = head.TargetColumns(outputs);
        double TargetOf(int i) => head is RegressionHead or QuantileHead or GaussianHead ? Math.Sin(i) : i % (head is BinaryHead ? 2 : 3);
        var targets = Enumerable.Range(0, Rows * columns).Select(TargetOf);
        return (model, alone, new(Rows, features, [.. targets], weights));
    }

    private static Weights<double> Member(Weights<double> weights, Model alone, int member)
    {
        var own = new Weights<double>(alone);
        foreach (var tensor in own.Tensors)
        {
            weights[NameOf(tensor.Name, member)].CopyTo(own[tensor]);
        }

        return own;
    }

    private static string NameOf(string tensor, int member)
        => tensor.Replace("adapter.", $"adapter{member}.", StringComparison.Ordinal).Replace("output.", $"output{member}.", StringComparison.Ordinal);

    private static (double Loss, Weights<double> Gradients) Gradients(Weights<double> weights, Examples<double> table)
    {
        var gradients = new Weights<double>(weights.Model);
        using var pass = new GradientPass<double>(weights.Model, Rows);
        return (pass.Run(weights, table, All, gradients, new double[Rows * weights.Model.Outputs]), gradients);
    }
}
