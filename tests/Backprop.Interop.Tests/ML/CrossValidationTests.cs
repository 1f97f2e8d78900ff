using System.Collections.Concurrent;
using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>In cross-validation, a fold's trainer reads each row outside its test set once, and no other, also to choose the epoch.</summary>
public class CrossValidationTests
{
    private const int Rows = 300, Groups = 25;

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AFoldsTestRowsAreNeverRead(TrainerTask task) => FoldsOf(task, key: null);

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AGroupIsInOneTestSetAlone(TrainerTask task)
    {
        foreach (var (trained, held) in FoldsOf(task, nameof(Identified.Group)))
        {
            Assert.Empty(trained.Select(GroupOf).Intersect(held.Select(GroupOf)));
        }
    }

    /// <summary>Cross-validates, and gives the rows that each fold's trainer read and those that tested it.</summary>
    private static List<(List<int> Trained, List<int> Held)> FoldsOf(TrainerTask task, string? key)
    {
        void Change(MultilayerPerceptronOptions options)
            => (options.NumberOfIterations, options.ValidationFraction, options.SamplingKeyColumnName) = (2, 0.25, key);

        var context = new MLContext(seed: 1);
        var rows = Many();
        var recording = new Recording(context, task.Pipeline(context, Change));
        var folds = task.CrossValidate(context, context.Data.LoadFromEnumerable(rows), recording, key).ToList();
        var held = folds.ConvertAll(fold => context.Data.CreateEnumerable<Identified>(fold.Held, reuseRowObject: false).Select(row => row.Id).ToList());
        Assert.Equal(3, recording.Read.Count);
        Assert.Equal(Enumerable.Range(0, Rows), held.SelectMany(ids => ids).Order());
        for (var fold = 0; fold < folds.Count; fold++)
        {
            // ML.NET maps rows in several threads, and puts them in order again.
            var read = recording.Read[fold].Order().ToList();
            Assert.NotEmpty(held[fold]);
            Assert.Equal(Enumerable.Range(0, Rows).Except(held[fold]), read);
            // Nothing else made the model: it is that of the rows which were read.
            var alone = task.Pipeline(context, Change).Fit(context.Data.LoadFromEnumerable(read.Select(id => rows[id])));
            Assert.Equal(TrainerTask.ModelOf(alone).WeightHash, TrainerTask.ModelOf(folds[fold].Model).WeightHash);
        }

        return [.. recording.Read.Select(read => read.ToList()).Zip(held)];
    }

    private static int GroupOf(int id) => id * 7 % Groups;

    private static List<Identified> Many() => [.. Row.Many(Rows).Select((row, id) => new Identified
    {
        Features = row.Features,
        IsAbove = row.IsAbove,
        Kind = row.Kind,
        Amount = row.Amount,
        Amounts = row.Amounts,
        Id = id,
        Group = $"group {GroupOf(id)}",
    })];

    private sealed class Identified : Row
    {
        public int Id { get; set; }

        public string Group { get; set; } = "";
    }

    /// <summary>Notes which rows' features are read while a pipeline is fitted.</summary>
    private sealed class Recording(MLContext context, IEstimator<ITransformer> pipeline) : IEstimator<ITransformer>
    {
        /// <summary>The rows that each Fit read, as often as it did.</summary>
        public List<ConcurrentQueue<int>> Read { get; } = [];

        public ITransformer Fit(IDataView input)
        {
            var ids = new ConcurrentQueue<int>();
            Read.Add(ids);
            var noting = context.Transforms.CustomMapping<IdentifiedFeatures, FeaturesAlone>(
                (row, same) =>
                {
                    ids.Enqueue(row.Id);
                    same.Features = row.Features;
                },
                contractName: null);
            return pipeline.Fit(noting.Fit(input).Transform(input));
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => pipeline.GetOutputSchema(inputSchema);
    }

    private sealed class IdentifiedFeatures
    {
        public int Id { get; set; }

        [VectorType(Row.FeatureCount)]
        public float[] Features { get; set; } = [];
    }

    private sealed class FeaturesAlone
    {
        [VectorType(Row.FeatureCount)]
        public float[] Features { get; set; } = [];
    }
}
