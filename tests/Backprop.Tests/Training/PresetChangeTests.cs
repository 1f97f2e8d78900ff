using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>A preset may be changed: what is not named stays, and what no longer fits is left out.</summary>
public class PresetChangeTests
{
    [Fact]
    public void WhatIsChangedIsAllThatChanges()
    {
        var facts = new TableFacts(Head.Binary, 1, 900, 7);
        foreach (var preset in Preset.All)
        {
            var changed = preset.With("fewer", options => options with { Epochs = options.Epochs / 2 })
                .With("fewer and wider", options => options with { Hidden = [99] });
            var (usual, other) = (preset.Options(facts), changed.Options(facts));
            Assert.Equal(("fewer and wider", preset.ScalesFeatures), ($"{changed}", changed.ScalesFeatures));
            Assert.Equal(usual.Epochs / 2, other.Epochs);
            Assert.Equal($"{(usual with { Layers = null, Hidden = [99] }).ModelFor(Head.Binary, 7, 1)}", $"{changed.Choose(facts).Model}");
            Assert.Equal((usual.Optimizer, usual.Dropout, usual.Members, usual.BatchSize), (other.Optimizer, other.Dropout, other.Members, other.BatchSize));
        }
    }

    [Theory, MemberData(nameof(PresetTests.Presets), MemberType = typeof(PresetTests))]
    public void OtherLayersNeedNoneOfItsGroups(string preset)
    {
        var features = new float[900 * 2];
        new TorchRandom(3).FillNormal<float>(features, 0, 1);
        float[] targets = [.. features.Chunk(2).Select(x => x[0] > x[1] ? 1f : 0)];
        foreach (var change in new Func<TrainingOptions, TrainingOptions>[]
        {
            options => options with { Inputs = null },
            options => options with { SharedMembers = 1, Layers = x => x.Linear(5).Apply(new Tanh()) },
            options => options with { SharedMembers = 1, Layers = x => x.Through(new Linear(5) { Name = "in", Bias = false }).Apply(new Tanh()) },
        })
        {
            var changed = Preset.Parse(preset).With("other layers", options => change(options) with { Members = 1 });
            var scores = new float[targets.Length];
            Trainer.Fit(Head.Binary, 1, changed.Choose, new Examples<float>(targets.Length, features, targets)).Network.Score(features, scores);
            Assert.True(targets.Zip(scores, (target, score) => score > 0 == target > 0).Count(right => right) > 0.9 * targets.Length);
        }
    }
}
