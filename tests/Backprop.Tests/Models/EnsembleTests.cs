using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Tests.Models;

/// <summary>Several networks as one: its logits are the means of theirs, and it is a network like any other.</summary>
public class EnsembleTests
{
    private const int Rows = 70;

    /// <summary>Logits that no linear layer ends in, that something else is made of too, that come from a layer used twice, or go to two heads.</summary>
    private static readonly Dictionary<string, Model> Others = OtherLogits();

    public static TheoryData<string, int> Members
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in Networks.All.Keys.Concat(Others.Keys))
            {
                data.Add(name, 2);
                data.Add(name, 3);
                data.Add(name, 4);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Members))]
    public void LogitsAreTheMeansOfTheMembers(string name, int members)
    {
        IsMean<float>(name, members);
        IsMean<double>(name, members);
    }

    [Theory, MemberData(nameof(Members))]
    public void TensorsAreNamedByMemberAndLayer(string name, int members)
    {
        var model = ModelOf(name);
        var mean = Ensemble.Of([.. Enumerable.Repeat(model, members)]);
        var own = model.LayerTensors.Select(tensor => tensor.Name);
        var expected = Enumerable.Range(1, members).SelectMany(member => own.Select(tensor => $"member{member}.{tensor}"));
        var scales = mean.LayerTensors.Where(tensor => tensor.Name.StartsWith("mean", StringComparison.Ordinal)).ToList();
        Assert.Equal(expected.Order(), mean.LayerTensors.Except(scales).Select(tensor => tensor.Name).Order());
        Assert.Equal(name == "memberHeads" ? 2 : name is "members" or "sharedMembers" or "activated" or "used" or "twice" or "features" ? 1 : 0, scales.Count);
        Assert.Equal(members * model.Parameters, mean.Parameters - scales.Sum(tensor => tensor.Columns));
    }

    [Theory, MemberData(nameof(Members))]
    public void ItIsSavedAndLoaded(string name, int members)
    {
        var network = new Network<float>(Ensemble.Mean(Weights<float>(ModelOf(name), members)));
        using var file = new MemoryStream();
        network.Save(new(file));
        file.Position = 0;
        var loaded = Network<float>.Load(new(file));
        Assert.Equal(network.CopyWeights().Hash(), loaded.CopyWeights().Hash());
        // How first numbers were drawn is not saved.
        IEnumerable<LayerTensor> Tensors(Network<float> of) => of.Model.LayerTensors.Select(tensor => tensor with { Initial = null });
        Assert.Equal(Tensors(network), Tensors(loaded));
        SameBits.Assert<float>(Score(network), Score(loaded), name);
    }

    [Theory, MemberData(nameof(Members))]
    public void ScoresHaveTheSameBitsOnAnyThreadsAndVectorsAndAlone(string name, int members)
    {
        var weights = Ensemble.Mean(Weights<float>(ModelOf(name), members));
        var expected = Score(new Network<float>(weights));
        foreach (var bits in new[] { 512, 256, 128, 0 })
        {
            var network = new Network<float>(weights, vectorBits: bits);
            SameBits.Assert<float>(expected, Score(network, threads: 3), $"{name} at {bits} bits");
            var (features, row) = (Features<float>(network.Model), new float[network.Model.Outputs]);
            network.Score(features.AsSpan(5 * network.Model.Inputs, network.Model.Inputs), row);
            SameBits.Assert<float>(expected.AsSpan(5 * row.Length, row.Length), row, $"{name}, a row alone at {bits} bits");
        }
    }

    [Theory, MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void OneNetworkIsItsOwnMean(string name)
    {
        var weights = Weights<float>(Networks.All[name], 1);
        Assert.Same(Networks.All[name], Ensemble.Of(Networks.All[name]));
        Assert.Equal(weights[0].Hash(), Ensemble.Mean(weights).Hash());
    }

    [Fact]
    public void WhatIsNoMeanIsRefused()
    {
        var model = Networks.All["linear"];
        Assert.Throws<ArgumentException>(() => Ensemble.Of());
        Assert.Throws<ArgumentException>(() => Ensemble.Mean<float>());
        Assert.Throws<ArgumentException>(() => Ensemble.Mean(Weights<float>(model, 1)[0], Weights<float>(Networks.All["gated"], 1)[0]));
        var large = Mlp.Parse("10000-10000-1", Activation.Of(new Relu()), Head.Regression);
        Assert.Throws<ArgumentException>(() => Ensemble.Of(large, large, large));
    }

    private static void IsMean<T>(string name, int members) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // The same layers with a task whose scores are logits.
        var model = ModelOf(name);
        var logits = Model.Of([.. model.HeadOutputs.Select(output => output with { Head = Head.Regression })]);
        var weights = Weights<T>(logits, members);
        var (scores, count) = (weights.Select(own => Score(new Network<T>(own))).ToArray(), T.CreateChecked(members));
        var mean = Score(new Network<T>(Ensemble.Mean(weights)));
        var expected = new T[mean.Length];
        foreach (var member in scores)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                expected[i] += member[i] / count;
            }
        }

        if (BitOperations.IsPow2(members))
        {
            // Dividing by a power of two rounds nothing.
            SameBits.Assert<T>(expected, mean, name);
            return;
        }

        // Some 40 weights and products, each rounded once more than a member's, and sums no longer than these: less than 100 ulps at their scale.
        var scale = scores.SelectMany(member => member).Max(T.Abs) + T.One;
        var tolerance = T.CreateChecked(100) * (T.BitIncrement(T.One) - T.One) * scale;
        for (var i = 0; i < mean.Length; i++)
        {
            Assert.True(T.Abs(mean[i] - expected[i]) <= tolerance, $"{name}, logit {i}: {mean[i]} instead of {expected[i]}");
        }
    }

    private static Model ModelOf(string name) => Networks.All.TryGetValue(name, out var model) ? model : Others[name];

    private static Weights<T>[] Weights<T>(Model model, int members) where T : unmanaged, IFloatingPointIeee754<T>
        => [.. Enumerable.Range(1, members).Select(seed => Initializers.Default<T>(model, seed))];

    private static T[] Features<T>(Model model) where T : unmanaged, IFloatingPointIeee754<T> => Networks.Table(model, Rows).To<T>().Features;

    private static T[] Score<T>(Network<T> network, int threads = 1) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var scores = new T[Rows * network.Model.Outputs];
        network.Score(Features<T>(network.Model), scores, threads);
        return scores;
    }

    private static Dictionary<string, Model> OtherLogits()
    {
        var x = Signal.Features(7);
        var (h, twice) = (x.Linear(5).Apply(new Tanh()), new Linear(5) { Name = "twice" });
        var part = h.Linear(2);
        return new()
        {
            ["activated"] = Model.Of(h.Linear(3).Apply(new Softsign()), Head.Multiclass),
            ["used"] = Model.Of(new Output(part, Head.Regression), new Output(part.Apply(new Tanh()).Linear(1), Head.Binary)),
            ["shared logits"] = Model.Of(new Output(part, Head.Regression), new Output(part, Head.Gaussian)),
            ["twice"] = Model.Of(h.Through(twice).Apply(new Relu()).Through(twice), Head.Regression),
            ["features"] = Model.Of(x.Scale(), Head.Regression),
        };
    }
}
