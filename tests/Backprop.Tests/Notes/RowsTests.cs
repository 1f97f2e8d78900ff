using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Backprop.Tests.Notes;

/// <summary>Which tests prove which row of the lecture notes; they may be in either test project.</summary>
public partial class RowsTests
{
    private const string Rows = """
        A1 networks of any depth and widths, an activation a layer, any output
            TrainingStepTests.GradientsEqualTheTextbooksLoops LayerTests.GradientsAreDifferencesOfTheLoss
            GraphPlanTests.AThousandLayersPlanInAboutASecondAndRunInLinearMemory TorchModelTests.GradientsAreTheTextbooks
        A2 XOR by given weights: NetworksAndUnits.XorByGivenWeightsIsExact
        A3 XOR by a linear model: NetworksAndUnits.XorByALinearModelIsOneHalfEverywhere
        A4 XOR learned, seeds counted: NetworksAndUnits.XorIsLearnedFromRandomWeights TextbookTests.ItsClaimsHoldAndHavePictures
        A5 units, those with learned parameters being layers
            NetworksAndUnits.UnitsHaveTheNotesValues CatalogueAuditTests.EveryRowHolds SpecialValuesTests.AreAsTheTableSays ConventionTests.ArePyTorchsOrNamedDeviations
            LayerTests.GradientsArePyTorchs LayerTests.TrainedWeightsAndStatisticsArePyTorchs
        A6 small weights and biases of 0.1: TrainerTests.InitialWeightsAndBiasesAreAsChosen ReadmeTests.TheNetworkLearnsBothTasksAndGoesOnWithTheSameBitsWhereItWasStopped
        A7 one hidden layer fits a sine: NetworksAndUnits.OneHiddenLayerFitsTheSine TextbookTests.ItsClaimsHoldAndHavePictures
        B1 sigmoid and cross-entropy
            OutputsAndLosses.ASigmoidsCrossEntropyIsTheSoftplusOfTheSignedLogit OutputsAndLosses.AConfidentMistakeIsLearnedFromAtFullStrengthAndAConfidentHitHardly
            HeadTests.LogitsOfTenThousandAreStable
        B2 softmax and cross-entropy
            OutputsAndLosses.ASoftmaxDoesNotChangeWhenAllLogitsMove OutputsAndLosses.TheGradientIsWhatIsPredictedLessWhatIsTrue
            MatrixKernelTests.LogSoftmaxIsExactWhereSoftmaxUnderflows
        B3 linear and Gaussian: OutputsAndLosses.ALinearUnitsLossIsTheMeanOverRowsAndOutputs
        B4 naive pairs: SaturationTests.TheyAgreeWhileTheProbabilityIsANormalNumber SaturationTests.TheNaivePairBreaksWhereTheProbabilityUnderflows SaturationTests.InFloatItBreaksAtAGapOf104
        B5 L1 and L2, not of biases unless asked: UpdateGroupTests.L1DrivesWeightsToZeroAndL2ShrinksThem UpdateGroupTests.GroupsHaveTheirOwnRateDecayAndPenalty
        B6 other losses, weights, smoothing, reductions
            HeadTests.ALossAndItsGradientAreItsTwins MulticlassLossTests.EveryOptionEqualsTheLoops HeadLearningTests.AGaussianRecoversMeanAndVariance
            HeadLearningTests.QuantilesCoverTheirShareOfTheTargets HeadLearningTests.ASumIsReportedAsAMean OutputsAndLosses.ExampleWeightsMultiplyLossesAndNotTheDenominator
        C1 two paths: TextbookGraphTests.TwoPathsAddUp
        C2 exp(sin(x²)): TextbookGraphTests.ExponentialOfSineOfASquare
        C3 the mean of three squares: TextbookGraphTests.TheMeanOfThreeSquares
        C4 f(f(f(ω))): TextbookGraphTests.OfAFunctionAppliedThriceEachValueIsComputedOnce
        C5 graphs printed: DrawingTests.LogisticRegressionPrintsWithItsIntermediateNodes DrawingTests.ARectifiedLayerPrintsAsDot
        C6 the gradient of every node: TextbookGraphTests.EveryNodeHasAGradientOnRequest
        C7 the book's names: TextbookGraphTests.TheBooksNamesAreThere
        C8 the pruned graph: TextbookGraphTests.NodesOutsideThePrunedGraphAreNeitherDifferentiatedNorRun GradientTests.NodesOutsideThePrunedGraphAreNeverBuilt
        C9 symbol to number: ReadmeTests.TheGraphSaysWhatItShould TextbookGraphTests.TwoPathsAddUp
        C10 symbol to symbol
            TextbookGraphTests.GradientsAreGraphsToDifferentiateAgain TextbookGraphTests.TheHessianOfALinearModelsXorLossIsThatOfTheData
            TextbookGraphTests.HessianVectorProductsAreProductsWithTheHessian HessianTests.TheHessianOfANetworksLossIsTorchs
        C11 Jacobians: TextbookGraphTests.JacobiansObeyTheChainRule
        C12 shared weights and skip connections
            TextbookGraphTests.SharedWeightsGetTheSumOverTheirUses ModelTests.ALayerUsedTwiceSharesItsWeights
            LayerTests.SkipConnectionsNormalisationAndDropoutTrainAndScoreAfterLoading
        C13 edges, not paths: TextbookGraphTests.TheCostIsTheNumberOfEdgesNotOfPaths TextbookTests.ItsClaimsHoldAndHavePictures
        C14 store or recompute
            RecomputeTests.EveryGradientHasTheSameBits RecomputeTests.SixtyFourLayersTakeAThirdOfTheMemoryAtMost QuickTests.RecomputationsHaveTheirFields
        C15 an operation of one's own: CustomOpTests.TheAuditPassesThem CustomOpTests.TheAuditFindsAWrongRule ReadmeTests.WhatIsAddedFromOutsidePassesItsChecksAndLearns
        D1 every δ by name: SignalTests.TheDeltasOfAnMlpAreTheBooks PlanTests.AnMlpFusesToOneStepAProduct
        D2 δ is computed once: TextbookGraphTests.ThePropagatedErrorOfXorIsComputedOnce
        D3 gradients of weights and inputs: SignalTests.TheDeltasOfAnMlpAreTheBooks TrainingStepTests.GradientsEqualTheTextbooksLoops
        D4 steps on all rows, some or one, by sum or mean
            TrainingStepTests.TenStepsEqualTheTextbooksLoops TrainerTests.OneRowAndABatchLargerThanTheDataAreEnough OutputsAndLosses.ALinearUnitsLossIsTheMeanOverRowsAndOutputs
        D5 backward over forward, measured: QuickTests.TrainingStepsHaveTheirFields
        D6 optimizers and schedules
            CatalogueAuditTests.EveryRowHolds TrainingStepTests.TenStepsEqualTheTextbooksLoops TrainingStepTests.TenStepsOfEveryOptimizerAreLibtorchs
            LbfgsTests.StepsDownRosenbrocksValleyArePyTorchs ScheduleTests.RatesAreTheFormulas
        """;

    [Fact]
    public void EveryRowIsThere()
        => Assert.Equal(
            new[] { ("A", 7), ("B", 6), ("C", 15), ("D", 6) }.SelectMany(part => Enumerable.Range(1, part.Item2).Select(i => $"{part.Item1}{i}")),
            Row().Matches(Rows).Select(match => match.Value));

    [Fact]
    public void EveryRowNamesTestsThatAreThere()
    {
        var tests = new HashSet<string>();
        foreach (var file in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."), "*.cs", SearchOption.AllDirectories))
        {
            tests.UnionWith(Test().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetFileNameWithoutExtension(file)}.{match.Groups[1].Value}"));
        }

        foreach (var row in Rows.Split(Row().Matches(Rows).Select(match => match.Value).ToArray(), StringSplitOptions.RemoveEmptyEntries))
        {
            var named = Name().Matches(row).Select(match => match.Value).ToList();
            Assert.NotEmpty(named);
            Assert.All(named, name => Assert.True(tests.Contains(name), $"There is no test {name}."));
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^[A-D]\d+(?= )", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b[A-Z]\w+\.[A-Z]\w+")]
    private static partial Regex Name();

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\n(?: +\[[^\n]*\n)* *public (?:async Task|void) (\w+)\(")]
    private static partial Regex Test();
}
