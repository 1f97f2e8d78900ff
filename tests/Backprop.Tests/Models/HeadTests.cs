using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Models;

/// <summary>Heads as text, at the door, and what their scores are.</summary>
public class HeadTests
{
    private static readonly Dictionary<string, Head> Heads = new()
    {
        ["binary"] = Head.Binary,
        ["binary(positive=2.5)"] = Head.Binary with { PositiveWeight = 2.5 },
        ["multiclass"] = Head.Multiclass,
        ["multiclass(smoothing=0.1)"] = Head.Multiclass with { LabelSmoothing = 0.1 },
        ["multiclass(weights=1 0 2.5,ignore=-100,sum)"] = Head.Multiclass with { ClassWeights = [1, 0, 2.5], IgnoreIndex = -100, Reduction = Reduction.Sum },
        ["multiclass(smoothing=0.25,weights=1 2 3,probabilities)"]
            = Head.Multiclass with { ProbabilityTargets = true, LabelSmoothing = 0.25, ClassWeights = [1, 2, 3] },
        ["regression"] = Head.Regression,
        ["regression(huber(0.5))"] = Head.Regression with { OutputLoss = Loss.Of(new Huber(0.5)) },
        ["regression(absoluteerror,raw,sum)"]
            = Head.Regression with { OutputLoss = Loss.Of(new AbsoluteError()), StandardiseLabels = false, Reduction = Reduction.Sum },
        ["poisson"] = Head.Poisson,
        ["poisson(full)"] = Head.Poisson with { Full = true },
        ["quantile(0.1,0.5,0.9)"] = Head.Quantile(0.1, 0.5, 0.9),
        ["quantile(0.975,raw)"] = Head.Quantile(0.975) with { StandardiseLabels = false },
        ["gaussian"] = Head.Gaussian,
        ["gaussian(raw,sum)"] = Head.Gaussian with { StandardiseLabels = false, Reduction = Reduction.Sum },
    };

    public static TheoryData<string> Texts => [.. Heads.Keys];

    [Theory, MemberData(nameof(Texts))]
    public void TextAndHeadAreTheSame(string text)
    {
        Assert.Equal(text, Heads[text].ToString());
        Assert.Equal(Heads[text], Head.Parse(text));
        Assert.Equal(Heads[text].GetHashCode(), Head.Parse(text).GetHashCode());
        Assert.All(Heads.Where(pair => pair.Key != text), pair => Assert.NotEqual(Heads[text], pair.Value));
    }

    [Theory, MemberData(nameof(Texts))]
    public void ASavedNetworkKeepsItsHeadAndItsScores(string text)
    {
        var mlp = Catalogue.Network("4-9", text, "tanh");
        var table = Catalogue.Table(mlp, 20);
        var network = new Network<float>(Initializers.Default<float>(mlp, 3));
        using var stream = new MemoryStream();
        network.Save(new(stream));
        stream.Position = 0;
        var loaded = Network<float>.Load(new(stream));
        Assert.Equal(mlp.Head, loaded.Model.Head);
        var (scores, again) = (new float[20 * mlp.Outputs], new float[20 * mlp.Outputs]);
        network.Score(table.Features, scores);
        loaded.Score(table.Features, again);
        SameBits.Assert<float>(scores, again, text);
    }

    [Theory]
    [InlineData("tobit", "There is no task 'tobit'. Choose one of: binary, multiclass, regression, poisson, quantile, gaussian.")]
    [InlineData("multiclass(smooth=0.1)", "'smooth=0.1' is no option of the task multiclass. Leave it out, or correct it.")]
    [InlineData("multiclass(smoothing=much)", "'smoothing=much' is no option of the task multiclass. Leave it out, or correct it.")]
    [InlineData("multiclass(ignore=0.5)", "'ignore=0.5' is no option of the task multiclass. Leave it out, or correct it.")]
    [InlineData("multiclass(smoothing=1.5)", "LabelSmoothing is 1.5, not from 0 to 1. Correct it.")]
    [InlineData("multiclass(weights=1 -2)", "A class's weight is -2, not 0 or a finite number above. Correct it.")]
    [InlineData("multiclass(weights=0 0)", "ClassWeights has none above 0. Give one to a class at least.")]
    [InlineData("binary(positive=0)", "The weight of the positive class is 0, not a finite number above 0. Correct it.")]
    [InlineData("gaussian(huber)", "'huber' is no option of the task gaussian. Leave it out, or correct it.")]
    [InlineData("quantile(0.5,1.5)", "A quantile's level is 1.5, not between 0 and 1. Correct it.")]
    [InlineData("regression(hubert)", "There is no loss 'hubert'.")]
    [InlineData("regression()", "There is no loss ''.")]
    public void WhatIsNoHeadIsRefused(string text, string message)
        => Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => Head.Parse(text)).Message);

    [Theory]
    [InlineData("binary", 2, "A binary network has 1 output, not 2. End its sizes so, or choose another task.")]
    [InlineData("gaussian", 3, "A gaussian network has two outputs for each target, not 3. End its sizes so, or choose another task.")]
    [InlineData("quantile(0.5)", 2, "A quantile(0.5) network has 1 output, one for each level, not 2. End its sizes so, or choose another task.")]
    [InlineData("multiclass(weights=1 2 3)", 4, "ClassWeights has 3 weights for 4 outputs. Give one for each class.")]
    [InlineData("multiclass(ignore=3,probabilities)", 4, "IgnoreIndex is for class numbers, not for ProbabilityTargets. Give a row to be ignored probabilities of 0.")]
    public void OutputsThatDoNotFitAreRefused(string text, int outputs, string message)
        => Assert.Equal(message, Assert.Throws<ArgumentException>(() => new Mlp([4, outputs], Activation.Parse("relu"), Head.Parse(text))).Message);

    [Fact]
    public void AQuantileHeadWithoutALevelIsRefused() => Assert.Throws<ArgumentException>(() => Head.Quantile());

    [Theory]
    [InlineData("poisson", -1f, "The label of row 0 is -1, not a finite number, 0 or above. Leave the row out, or correct it.")]
    [InlineData("multiclass(ignore=-100)", -1f, "The label of row 0 is -1, not a class number: whole, from 0, below the number of outputs, or -100 to be ignored. Leave the row out, or correct it.")]
    [InlineData("multiclass(probabilities)", 1.5f, "The label of row 0 is 1.5, not a number from 0 to 1. Leave the row out, or correct it.")]
    public void LabelsThatDoNotFitAreRefused(string text, float label, string message)
    {
        var mlp = Catalogue.Network("2", text, "relu");
        var targets = new float[mlp.Head.TargetColumns(mlp.Outputs)];
        targets.AsSpan().Fill(label);
        using var step = new TrainingStep<float>(new Weights<float>(mlp), new Sgd(), 1);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => step.Run(new(1, new float[2], targets), [0])).Message);
    }

    [Fact]
    public void ALossNobodyCouldLoadIsNotSaved()
    {
        var mlp = new Mlp([2, 1], Activation.Parse("relu"), Head.Regression with { OutputLoss = Loss.Of(new Quartic()) });
        var error = Assert.Throws<NotSupportedException>(() => new Network<float>(new Weights<float>(mlp)).Save(new(new MemoryStream())));
        Assert.Equal("The loss quartic is your own and cannot be saved. Save the network's weights with SaveSafetensors, and make the network in code to load them.", error.Message);
    }

    [Fact]
    public void ScoresAreInTheLabelsUnits()
    {
        // No hidden layer and no input: logits are the biases.
        float[] Scores(string head, float[] biases, float[] scale, float[] shift)
        {
            var weights = new Weights<float>(new Mlp([1, biases.Length], Activation.Parse("relu"), Head.Parse(head)));
            biases.CopyTo(weights["0.bias"]);
            var scores = new float[biases.Length];
            new Network<float>(weights, scale, shift).Score([0], scores);
            return scores;
        }

        Assert.Equal([1, MathF.E], Scores("poisson", [0, 1], [1, 1], [0, 0]).Select(score => MathF.Round(score, 6)), Near(1e-6f));
        Assert.Equal([7, 8], Scores("quantile(0.2,0.8)", [1, 1.5f], [2, 2], [5, 5]));
        Assert.Equal([7, 4 * MathF.E], Scores("gaussian", [1, 1], [2, 4], [5, 0]), Near(1e-5f));
        Assert.Equal([0, 1e-6f], Scores("gaussian", [0, -100], [1, 1], [0, 0]), Near(1e-12f));
    }

    private static Func<float, float, bool> Near(float tolerance) => (a, b) => Math.Abs(a - b) <= tolerance;

    private readonly record struct Quartic : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => (z - t) * (z - t) * (z - t) * (z - t);

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => 4 * (z - t) * (z - t) * (z - t);
    }
}
