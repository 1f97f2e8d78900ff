using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Tests;

/// <summary>The rows that theories run over: a new row of a catalogue is tested the moment it exists.</summary>
public static class Catalogue
{
    public static TheoryData<string> Activations => [.. Activation.All.Select(a => a.Name)];

    public static TheoryData<string> Losses => [.. Loss.All.Select(l => l.Name)];

    public static TheoryData<int> OptimizerIndices => [.. Enumerable.Range(0, Optimizer.All.Count)];

    public static TheoryData<int> Widths => [512, 256, 128, 0];

    /// <summary>Not all pairs, which would be hundreds: each activation with the next head in turn, and each head with relu.</summary>
    public static TheoryData<string, string> HeadsAndActivations
    {
        get
        {
            var data = new TheoryData<string, string>();
            var pairs = Activation.All.Select((a, i) => (Head.All[i % Head.All.Count].ToString(), a.Name)).Concat(Head.All.Select(h => (h.ToString(), "relu")));
            foreach (var (head, activation) in pairs.Distinct())
            {
                data.Add(head, activation);
            }

            return data;
        }
    }

    public static Loss LossOf(string name) => Loss.All.Single(l => l.Name == name);

    /// <summary>A network of the given inner sizes with as many outputs as the head wants.</summary>
    public static Mlp Network(string inner, string head, string activation)
        => Mlp.Parse($"{inner}-{OutputsOf(Head.Parse(head))}", Activation.Parse(activation), Head.Parse(head));

    /// <summary>3 outputs if the head can have them.</summary>
    public static int OutputsOf(Head head) => new[] { 3, 4, 1, 2 }.First(head.Allows);

    /// <summary>A seeded table that fits a network, with example weights.</summary>
    public static Examples<float> Table(Model mlp, int rows, long seed = 7)
    {
        var random = new TorchRandom(seed);
        var features = new float[rows * mlp.Inputs];
        random.FillUniform<float>(features, -2, 2);
        var targets = new float[rows * mlp.Head.TargetColumns(mlp.Outputs)];
        random.FillUniform<float>(targets, -1, 1);
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = mlp.Head switch
            {
                BinaryHead => random.NextUInt32() % 2,
                MulticlassHead { ProbabilityTargets: true } => Math.Abs(targets[i]),
                MulticlassHead => random.NextUInt32() % (uint)mlp.Outputs,
                PoissonHead => random.NextUInt32() % 4,
                _ => targets[i],
            };
        }

        var weights = new float[rows];
        random.FillUniform<float>(weights, 0.5, 1.5);
        return new(rows, features, targets, weights);
    }

    public static int[] Rows(int count) => [.. Enumerable.Range(0, count)];

    public static EngineOptions Engine(int threads, int? bits) => new() { Threads = threads, VectorBits = bits };
}
