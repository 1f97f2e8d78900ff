using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>Saving that fails leaves what was there.</summary>
public sealed class SavingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AModelThatCannotBeSavedLeavesTheOldFile(TrainerTask task)
    {
        var (context, path) = (new MLContext(), Path.Combine(folder, "model.zip"));
        var data = context.Data.LoadFromEnumerable(Row.Many(60));
        var good = task.Pipeline(context, o => o.NumberOfIterations = 1).Fit(data);
        AtomicFile.Write(path, file => context.Model.Save(good, data.Schema, file));
        var before = File.ReadAllBytes(path);
        Assert.Equal(Scores.Of(good.Transform(data)), Scores.Of(context.Model.Load(path, out _).Transform(data)));

        // A function of one's own has no name under which a file could hold it.
        var own = task.Pipeline(context, o => (o.Layers, o.NumberOfIterations) = (x => x.Linear(4).Apply(new Twice()), 1)).Fit(data);
        var error = Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, file => context.Model.Save(own, data.Schema, file)));
        Assert.IsType<NotSupportedException>(error.GetBaseException());
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    private readonly record struct Twice : Formulas.IActivation
    {
        public TX Forward<TX>(TX x) where TX : Formulas.IReal<TX> => 2 * x;

        public TX Derivative<TX>(TX x, TX y) where TX : Formulas.IReal<TX> => 2;
    }
}
