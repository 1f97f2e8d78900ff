using Backprop.Audit;
using Backprop.Formulas;

namespace Backprop.Interop.Tests.Audit;

/// <summary>What the reference computes is written twice, and both texts agree.</summary>
public sealed class SecondTextTests
{
    /// <summary>Every layer and head has a second text, and agrees with it.</summary>
    [Fact]
    public void EveryLayerAndHeadIsDefinedTwice()
    {
        foreach (var (layer, network) in NetworkRows.Layers)
        {
            Assert.True(Definitions.Contradiction(network) is null, $"{layer}: {Definitions.Contradiction(network)}");
        }

        foreach (var head in NetworkRows.Heads)
        {
            Assert.True(Definitions.Contradiction(NetworkRows.Of(head)) is null, $"{head}: {Definitions.Contradiction(NetworkRows.Of(head))}");
        }

        var ignored = NetworkRows.Of("multiclass(smoothing=0.1,ignore=2,weights=1 2 0.5 3)");
        Assert.Null(Definitions.Contradiction(ignored));
        var own = Backprop.Models.Model.Of(Backprop.Models.Signal.Features(3).Apply(new Graph.Direction()), Backprop.Models.Head.Regression);
        Assert.Equal(new(false, "There is no second text of Direction to decide."), Definitions.Contradiction(own));
    }

    [Fact]
    public void EveryFormulaIsDefinedTwice()
    {
        foreach (var activation in Activation.All)
        {
            Assert.True(Definitions.Of(activation) is not null, $"Add {activation.Family} to {nameof(Definitions)}.");
            var model = Backprop.Models.Model.Of(Backprop.Models.Signal.Features(1).Apply(activation), Backprop.Models.Head.Regression);
            Assert.Null(Definitions.Contradiction(model));
        }

        foreach (var loss in Loss.All)
        {
            Assert.True(Definitions.Of(loss) is not null, $"Add {loss.Name} to {nameof(Definitions)}.");
            var model = Backprop.Models.Model.Of(Backprop.Models.Signal.Features(1), Backprop.Models.Head.Regression with { OutputLoss = loss });
            Assert.Null(Definitions.Contradiction(model));
        }
    }
}
