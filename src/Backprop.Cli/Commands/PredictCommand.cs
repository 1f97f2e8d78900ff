using System.CommandLine;
using System.Text;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;

namespace Backprop.Cli.Commands;

/// <summary><c>predict</c>: from a saved model and a CSV file to a CSV file of predictions.</summary>
internal static class PredictCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var model = Choices.Text("--model", "M.zip", "A model that train saved.", required: true);
        var data = Choices.Text(
            "--data", "F.csv", "The rows to predict. Columns in any order; those the model does not know are ignored.", required: true);
        var output = Choices.Text("--out", "P.csv", "Where to write the predictions, in the order of the rows and written as they are.", required: true);
        var command = new Command(
            "predict",
            "Predicts the rows of a CSV file: Prediction, and Score (regression, poisson), Probability of the positive class (binary), "
            + "Probability_<class> (multiclass) or Quantile_<level> (quantile); of several labels Prediction_<label> each.")
        {
            model, data, output,
        };
        var dialect = new DialectChoices(command);
        command.SetAction(parsed =>
        {
            var (modelPath, dataPath, outputPath) = (parsed.GetValue(model)!, parsed.GetValue(data)!, parsed.GetValue(output)!);
            using var outputs = new OutputFiles([modelPath, dataPath], [outputPath]);
            var saved = SavedModel.Load(modelPath);
            var predictions = saved.Predict(CsvSource.File(dataPath, dialect.Read(parsed, saved.Dialect)), session.Cancellation);
            var rows = 0;
            outputs.Write(outputPath, stream =>
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
                rows = predictions.Write(writer, session.Cancellation);
            });
            session.Say($"{rows} predictions written to {outputPath}.");
            return BackpropTool.Ok;
        });
        return command;
    }
}
