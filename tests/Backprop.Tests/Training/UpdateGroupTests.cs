using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <content>Groups of parameters, penalties, options that make no sense, and optimizers of one's own.</content>
public partial class UpdateTests
{
    [Fact]
    public void GroupsHaveTheirOwnRateDecayAndPenalty()
    {
        var optimizer = new Adam { LearningRate = 0.01, WeightDecay = 0.1 };
        var updates = new UpdateOptions
        {
            Groups = [new("0.weight") { LearningRateFactor = 0.25 }, new("*.bias") { DecayBiases = true, WeightDecay = 0.2 },
                new("2.*") { WeightDecay = 0, L1 = 0.3 }],
        };
        var (weights, expected) = (Initializers.Default<double>(Net, 5), Initializers.Default<double>(Net, 5));
        using var step = new TrainingStep<double>(weights, optimizer, 60, Catalogue.Engine(1, null), updates: updates);
        // The loops know no groups: each group's parameters are taken from the loops of an optimizer of its own.
        var loops = new (string Group, Optimizer Optimizer)[]
        {
            ("0.weight", optimizer with { LearningRate = 0.0025 }),
            ("2.weight", optimizer with { WeightDecay = 0, L1 = 0.3 }),
            ("4.weight", optimizer),
            ("bias", optimizer with { DecayBiases = true, WeightDecay = 0.2 }),
        }.Select(l => (l.Group, Weights: expected.Clone(), l.Optimizer))
            .Select(l => (l.Group, l.Weights, Loops: new OptimizerLoops(l.Optimizer, l.Weights))).ToList();
        for (var i = 0; i < 5; i++)
        {
            step.Run(Table.To<double>(), Catalogue.Rows(60));
            var gradients = Textbook.Gradients(expected, Table.To<double>(), Catalogue.Rows(60)).Gradients;
            foreach (var (_, own, loop) in loops)
            {
                expected.Values.CopyTo(own.Values);
                loop.Step(gradients);
            }

            foreach (var tensor in expected.Tensors)
            {
                loops.Single(l => tensor.Name.EndsWith(l.Group, StringComparison.Ordinal)).Weights[tensor].CopyTo(expected[tensor]);
            }
        }

        step.CopyWeightsTo(weights);
        AssertClose(expected, weights, 1e-11);
    }

    [Fact]
    public void ARateMayBePerRootOfAUnitsInputs()
    {
        string Trained(params ParameterGroup[] groups)
        {
            var weights = Initializers.Default<float>(Net, 5);
            using var step = new TrainingStep<float>(weights, new Adam(), 60, Catalogue.Engine(1, null), updates: new UpdateOptions { Groups = groups });
            step.Run(Table, Catalogue.Rows(60));
            step.CopyWeightsTo(weights);
            return weights.Hash();
        }

        ParameterGroup[] own =
        [
            .. Initializers.Default<float>(Net, 5).Tensors.Where(tensor => !tensor.IsVector)
                .Select(tensor => new ParameterGroup(tensor.Name) { LearningRateFactor = 3 / Math.Sqrt(tensor.Columns) }),
            new("*.bias") { LearningRateFactor = 3 },
        ];
        Assert.Equal(Trained(own), Trained(new ParameterGroup("*") { LearningRateFactor = 3, PerRootOfInputs = true }));
        Assert.NotEqual(Trained(own), Trained(new ParameterGroup("*") { LearningRateFactor = 3 }));
    }

    [Fact]
    public void FrozenParametersStayAndNoGradientOfTheirsIsComputed()
    {
        var updates = new UpdateOptions { Groups = [new("0.*") { Frozen = true }, new("2.*") { Frozen = true }] };
        var (weights, start) = (Initializers.Default<float>(Net, 5), Initializers.Default<float>(Net, 5));
        using (var step = new TrainingStep<float>(weights, new Adam(), 60, Catalogue.Engine(1, null), updates: updates))
        {
            step.Run(Table, Catalogue.Rows(60));
            step.CopyWeightsTo(weights);
        }

        foreach (var tensor in weights.Tensors)
        {
            Assert.Equal(!tensor.Name.StartsWith('4'), weights[tensor].SequenceEqual(start[tensor]));
        }
    }

    [Fact]
    public void L1DrivesWeightsToZeroAndL2ShrinksThem()
    {
        // No gradient but the penalty's: |w| falls by η λ a step under L1, to |w| (1 − η λ) under L2.
        var mlp = Mlp.Parse("1-1", Activation.Parse("identity"), Head.Regression);
        double After(Optimizer optimizer)
        {
            var weights = new Weights<double>(mlp);
            weights["0.weight"][0] = 1;
            weights["0.bias"][0] = 1;
            using var step = new TrainingStep<double>(weights, optimizer, 1, Catalogue.Engine(1, null));
            for (var i = 0; i < 10; i++)
            {
                // The feature is 0 and the label what the bias gives.
                step.Run(new(1, [0], [1]), [0]);
            }

            step.CopyWeightsTo(weights);
            Assert.Equal(1, weights["0.bias"][0]);
            return weights["0.weight"][0];
        }

        Assert.Equal(0.5, After(new Sgd { LearningRate = 0.1, L1 = 0.5 }), 1e-15);
        Assert.Equal(Math.Pow(0.95, 10), After(new Sgd { LearningRate = 0.1, WeightDecay = 0.5 }), 1e-15);
        Assert.Equal(Math.Pow(0.95, 10), After(new AdamW { LearningRate = 0.1, WeightDecay = 0.5 }), 1e-15);
    }

    [Fact]
    public void OptionsThatMakeNoSenseAreRefused()
    {
        string Error(UpdateOptions updates, Optimizer? optimizer = null, bool lazy = false) => Assert.Throws<ArgumentException>(() => new TrainingStep<float>(
            new(Net), optimizer ?? new Sgd(), 1, null, lazy, lazy ? SparseUpdate.Lazy : SparseUpdate.Dense, updates)).Message;
        Assert.Equal("ClipNorm is 0, not above 0. Correct the option.", Error(new() { ClipNorm = 0 }));
        Assert.Equal("ClipValue is NaN, not above 0. Correct the option.", Error(new() { ClipValue = double.NaN }));
        Assert.Equal("AccumulatedBatches is 0, not 1 or more. Correct the option.", Error(new() { AccumulatedBatches = 0 }));
        Assert.Equal("AverageDecay is 1, not above 0 and below 1. Correct the option.", Error(new() { AverageDecay = 1 }));
        Assert.StartsWith("AccumulatedBatches is 2, not 1, as lazy updates want", Error(new() { AccumulatedBatches = 2 }, lazy: true));
        Assert.Equal(
            "The group '3.*' fits none of the parameters 0.weight, 0.bias, 2.weight, 2.bias, 4.weight, 4.bias. Correct it, or leave it out.",
            Error(new() { Groups = [new("3.*")] }));
        using var fits = new TrainingStep<float>(new(Net), new Sgd(), 1, null, updates: new() { Groups = [new("3.*") { MayFitNone = true }] });
        Assert.StartsWith("Every one of the parameters 0.weight", Error(new() { Groups = [new("*") { Frozen = true }] }));
        Assert.StartsWith("LearningRateFactor of the group '*' is 0, not", Error(new() { Groups = [new("*") { LearningRateFactor = 0 }] }));
        Assert.StartsWith("WeightDecay of the group '*' is -1, not", Error(new() { Groups = [new("*") { WeightDecay = -1 }] }));
        Assert.StartsWith("Nesterov's momentum has Momentum 0 and Dampening 0", Error(new(), new Sgd { Nesterov = true }));
        Assert.StartsWith("LeastStep is 60, above LargestStep, which is 50.", Error(new(), new Rprop { LeastStep = 60 }));
    }

    /// <summary>Lion, by Chen et al. (2023): an optimizer that the engine does not know.</summary>
    private sealed record Lion : Optimizer, IOptimizer<Lion.Update>
    {
        public Lion() => LearningRate = 1e-4;

        public Update At(long step, double rate) => new(rate);

        protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

        public readonly record struct Update(Coefficient Rate) : IUpdate
        {
            public static int States => 1;

            public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
            {
                var direction = 0.9 * first + 0.1 * gradient;
                weight -= Rate * TX.IfPositive(direction, 1, TX.IfPositive(-direction, -1, 0));
                first = 0.99 * first + 0.01 * gradient;
            }
        }
    }

    [Fact]
    public void AnOptimizerFromAnotherAssemblyWorksAsOursDo()
    {
        var (weights, expected) = (Initializers.Default<double>(Net, 5), Initializers.Default<double>(Net, 5));
        using var step = new TrainingStep<double>(weights, new Lion { WeightDecay = 0.5, DecoupledWeightDecay = true }, 60, Catalogue.Engine(1, null));
        var memory = new double[weights.Values.Length];
        for (var i = 0; i < 4; i++)
        {
            step.Run(Table.To<double>(), Catalogue.Rows(60));
            var gradients = Textbook.Gradients(expected, Table.To<double>(), Catalogue.Rows(60)).Gradients;
            foreach (var tensor in expected.Tensors)
            {
                for (var j = tensor.Offset; j < tensor.Offset + tensor.Length; j++)
                {
                    expected.Values[j] *= tensor.Name.EndsWith(".bias", StringComparison.Ordinal) ? 1 : 1 - 1e-4 * 0.5;
                    expected.Values[j] -= 1e-4 * Math.Sign(0.9 * memory[j] + 0.1 * gradients.Values[j]);
                    memory[j] = 0.99 * memory[j] + 0.01 * gradients.Values[j];
                }
            }
        }

        step.CopyWeightsTo(weights);
        AssertClose(expected, weights, 1e-15);
    }
}
