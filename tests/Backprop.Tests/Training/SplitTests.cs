using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Which rows are held out: a share of each class, and of groups all rows or none.</summary>
public class SplitTests
{
    public static TheoryData<string, int, double> Tables
    {
        get
        {
            var data = new TheoryData<string, int, double>();
            foreach (var kind in new[] { "small groups", "groups of all sizes", "a huge group", "two groups", "pure groups", "single rows" })
            {
                for (var seed = 1; seed <= 6; seed++)
                {
                    data.Add(kind, seed, 0.1);
                    data.Add(kind, seed, 0.35);
                    data.Add(kind, seed, 0.9);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Tables))]
    public void AGroupIsNeverDivided(string kind, int seed, double share)
    {
        var (table, groups) = Grouped(kind, seed);
        var (training, validation) = Split.Rows(Of(Head.Multiclass), table, share, seed);
        Assert.Equal(Catalogue.Rows(table.Rows), training.Concat(validation).Order());
        Assert.Equal(training.Order(), training);
        Assert.Equal(validation.Order(), validation);
        Assert.Empty(training.Select(row => groups[row]).Intersect(validation.Select(row => groups[row])));
    }

    [Theory, MemberData(nameof(Tables))]
    public void EveryClassKeepsATrainingRow(string kind, int seed, double share)
    {
        var (table, _) = Grouped(kind, seed);
        var training = Split.Rows(Of(Head.Multiclass), table, share, seed).Training;
        Assert.Equal(table.Targets.Distinct().Order(), training.Select(row => table.Targets[row]).Distinct().Order());
    }

    [Theory, MemberData(nameof(Tables))]
    public void NoGroupLeftWouldBringTheShareNearer(string kind, int seed, double share)
    {
        var (table, groups) = Grouped(kind, seed);
        var (training, validation) = Split.Rows(Of(Head.Multiclass), table, share, seed);
        var due = (int)(table.Rows * share);
        int Away(int rows) => Math.Abs(due - rows);
        var left = training.GroupBy(row => groups[row]).Where(group => !group.Select(row => table.Targets[row]).Distinct().Any(IsLastOfItsClass)).ToList();
        bool IsLastOfItsClass(float target) => training.Where(row => table.Targets[row] == target).Select(row => groups[row]).Distinct().Count() == 1;
        Assert.NotEmpty(validation);
        Assert.All(left, group => Assert.True(
            Away(validation.Length + group.Count()) >= Away(validation.Length),
            $"{validation.Length} rows are held out of {due} due, and the {group.Count()} of group {group.Key} would bring them nearer"));
        Assert.True(kind != "single rows" || validation.Length == due, $"{validation.Length} rows are held out of {due} due");
    }

    [Theory, MemberData(nameof(Tables))]
    public void TheSeedDecidesAndNoGroupsNumberDoes(string kind, int seed, double share)
    {
        var (table, groups) = Grouped(kind, seed);
        var renamed = new Examples<float>(table.Rows, table.Features, table.Targets) { Groups = [.. groups.Select(group => long.MaxValue - 977 * group)] };
        var expected = Split.Rows(Of(Head.Multiclass), table, share, seed).Validation;
        Assert.Equal(expected, Split.Rows(Of(Head.Multiclass), table, share, seed).Validation);
        Assert.Equal(expected, Split.Rows(Of(Head.Multiclass), renamed, share, seed).Validation);
        // Of a few groups, other seeds may choose the same.
        if (kind is "small groups" or "single rows")
        {
            Assert.NotEqual(expected, Split.Rows(Of(Head.Multiclass), table, share, seed + 100).Validation);
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void GroupsOfOneRowAreSplitAsRowsAre(long seed)
    {
        var targets = Enumerable.Range(0, 500).Select(i => (float)(i % 7 % 3)).ToArray();
        var rows = new Examples<float>(500, new float[500], targets);
        var groups = new Examples<float>(500, new float[500], targets) { Groups = [.. Enumerable.Range(0, 500).Select(i => 10L * i)] };
        Assert.Equal(Split.Rows(Of(Head.Multiclass), rows, 0.15, seed).Validation, Split.Rows(Of(Head.Multiclass), groups, 0.15, seed).Validation);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void GroupsOfOneClassGiveEachClassItsShare(long seed)
    {
        // 300 groups of 4 rows; the classes have 200, 80 and 20 of them.
        var table = new Examples<float>(1200, new float[1200], [.. Enumerable.Range(0, 1200).Select(i => i / 4 < 200 ? 0f : i / 4 < 280 ? 1 : 2)])
        {
            Groups = [.. Enumerable.Range(0, 1200).Select(i => (long)(i / 4))],
        };
        var held = Split.Rows(Of(Head.Multiclass), table, 0.1, seed).Validation.CountBy(row => table.Targets[row]).OrderBy(pair => pair.Key);
        Assert.Equal([80, 32, 8], held.Select(pair => pair.Value));
    }

    [Theory, MemberData(nameof(Tables))]
    public void FoldsDivideTheRows(string kind, int seed, double share)
    {
        var ((table, groups), count) = (Grouped(kind, seed), (int)(1 / share) + 1);
        var model = Of(Head.Multiclass);
        var folds = Split.Folds(model, table, count, seed);
        Assert.Equal(folds, Split.Folds(model, table, count, seed));
        var used = folds.Where(fold => fold >= 0).Distinct().Count();
        Assert.Equal(Enumerable.Range(0, used), folds.Where(fold => fold >= 0).Distinct().Order());
        Assert.InRange(used, kind is "single rows" or "small groups" ? count : 1, count);
        Assert.All(Catalogue.Rows(table.Rows).GroupBy(row => groups[row]), group => Assert.Single(group.Select(row => folds[row]).Distinct()));
        for (var fold = 0; fold < used; fold++)
        {
            var trained = Catalogue.Rows(table.Rows).Where(row => folds[row] != fold).Select(row => table.Targets[row]);
            Assert.Equal(table.Targets.Distinct().Order(), trained.Distinct().Order());
        }

        if (kind == "single rows")
        {
            // Of each class about as many in each, and no row in none.
            Assert.DoesNotContain(-1, folds);
            foreach (var label in table.Targets.Distinct())
            {
                var counts = Enumerable.Range(0, count)
                    .Select(fold => Catalogue.Rows(table.Rows).Count(row => folds[row] == fold && table.Targets[row] == label)).ToList();
                Assert.InRange(counts.Max() - counts.Min(), 0, 2);
            }
        }
    }

    [Fact]
    public void ARowThatIsItsClassesLastIsInNoFold()
    {
        var table = new Examples<float>(9, new float[9], [0, 0, 0, 1, 0, 2, 2, 0, 0]);
        var folds = Split.Folds(Of(Head.Multiclass), table, 4, 1);
        Assert.Equal(-1, folds[3]);
        Assert.NotEqual(folds[5], folds[6]);
        Assert.All(Split.Folds(Of(Head.Binary), new Examples<float>(2, new float[2], [0, 1]), 2, 1), fold => Assert.Equal(-1, fold));
    }

    [Fact]
    public void SomeGroupIsHeldOutIfTheShareMakesARow()
    {
        int[] Held(int rows, Func<int, long> group) => Split.Rows(
            Of(Head.Regression), new Examples<float>(rows, new float[rows], new float[rows]) { Groups = [.. Catalogue.Rows(rows).Select(group)] }, 0.1, 1).Validation;
        Assert.Equal(20, Held(100, row => row / 20).Length);
        Assert.Equal(Enumerable.Range(70, 30), Held(100, row => row < 70 ? 5 : 8));
        Assert.Empty(Held(9, row => row));
        var error = Assert.Throws<ArgumentException>(() => Held(100, _ => 3));
        Assert.StartsWith("None of the 1 groups can be held out for validation", error.Message);
    }

    [Fact]
    public void TrainingLearnsFromTheGroupsThatAreNotHeldOut()
    {
        var model = Catalogue.Network("6-8", "regression", "tanh");
        var table = Catalogue.Table(model, 200);
        var grouped =
            new Examples<float>(200, table.Features, table.Targets, table.Weights) { Groups = [.. Catalogue.Rows(200).Select(row => (long)(row * 7 % 23))] };
        var options = new TrainingOptions { Epochs = 4, BatchSize = 32, Engine = Catalogue.Engine(1, null) };
        var (training, validation) = Split.Rows(model, grouped, options.ValidationFraction, Streams.Of(options.Seed, Streams.Splits));
        Examples<float> Only(int[] rows) => new(
            rows.Length,
            [.. rows.SelectMany(row => table.Features.AsSpan(row * 6, 6).ToArray())],
            [.. rows.SelectMany(row => table.Targets.AsSpan(row * table.TargetColumns, table.TargetColumns).ToArray())],
            [.. rows.Select(row => table.Weights![row])]);
        Assert.Equal(Trainer.Fit(model, Only(training), options, Only(validation)).WeightHash, Trainer.Fit(model, grouped, options).WeightHash);
    }

    [Fact]
    public void EveryRowHasAGroup()
    {
        var error = Assert.Throws<ArgumentException>(() => new Examples<float>(3, new float[3], new float[3]) { Groups = [1, 2] });
        Assert.StartsWith("2 groups do not make 3 whole rows.", error.Message);
        var sparse = new Examples<float>(new SparseMatrix<float>(2, 1, [0, 0, 0], [], []), new float[2]) { Groups = [4, 5] };
        Assert.Equal([4, 5], sparse.To<double>().Groups!);
        Assert.Equal([4, 5], new Examples<float>(2, new float[2], new float[2]) { Groups = [4, 5] }.To<double>().Groups!);
    }

    [Fact]
    public void TheSplitHoldsOutTheSameShareOfEveryClass()
    {
        var targets = Enumerable.Range(0, 1000).Select(i => i < 900 ? 0f : 1f).ToArray();
        var (training, validation) = Split.Rows<float>(Of(Head.Binary), new(1000, new float[1000], targets), 0.1, 1);
        Assert.Equal((90, 10), (validation.Count(r => targets[r] == 0), validation.Count(r => targets[r] == 1)));
        Assert.Equal(Catalogue.Rows(1000), training.Concat(validation).Order());
        var x = Signal.Features(1);
        var heads = Model.Of(new Output(x.Linear(1), Head.Regression), new Output(x.Linear(1), Head.Binary));
        var both = new Examples<float>(1000, new float[1000], [.. targets.SelectMany(target => new[] { 0.25f, target })]);
        Assert.Equal(validation, Split.Rows(heads, both, 0.1, 1).Validation);
        Assert.Empty(Split.Rows<float>(Of(Head.Regression), new(5, new float[5], new float[5]), 0.1, 1).Validation);
    }

    [Fact]
    public void ManySmallClassesStillHoldOutTheirShare()
    {
        // 200 classes of 5 rows and 10 of one row: a tenth of all is held out, and no class loses its last row.
        var targets = Enumerable.Range(0, 1010).Select(i => i < 1000 ? (float)(i / 5) : i).ToArray();
        var (training, validation) = Split.Rows<float>(Of(Head.Multiclass), new(1010, new float[1010], targets), 0.1, 1);
        Assert.InRange(validation.Length, 95, 101);
        Assert.Equal(210, training.Select(row => targets[row]).Distinct().Count());
    }

    /// <summary>A network of one feature, and of three classes where there are several.</summary>
    private static Model Of(Head head) => Model.Of(Signal.Features(1).Linear(head is MulticlassHead ? 3 : 1), head);

    /// <summary>300 rows of three classes, the last one rare, in groups.</summary>
    private static (Examples<float> Table, long[] Groups) Grouped(string kind, int seed)
    {
        const int Rows = 300;
        var random = new TorchRandom(seed);
        float ClassOf(uint number) => number % 20 < 12 ? 0 : number % 20 < 18 ? 1 : 2;
        var targets = Enumerable.Range(0, Rows).Select(_ => ClassOf(random.NextUInt32())).ToArray();
        long[] groups = [.. Enumerable.Range(0, Rows).Select(row => kind switch
        {
            "small groups" => (long)(random.NextUInt32() % 150),
            // Of 1, 3, 5 … rows.
            "groups of all sizes" => (long)Math.Sqrt(row * 7 % Rows),
            "a huge group" => row % 3 == 0 ? random.NextUInt32() % 40 : 1000,
            "two groups" => random.NextUInt32() % 5 == 0 ? 1 : 2,
            "pure groups" => (long)targets[row] * 100 + random.NextUInt32() % 9,
            _ => row,
        })];
        return (new(Rows, new float[Rows], targets) { Groups = groups }, groups);
    }
}
