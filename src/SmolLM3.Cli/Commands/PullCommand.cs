using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Cli.Models;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Cli.Commands;

/// <summary><c>smollm3 pull</c>: a model from the hub onto this machine.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        Argument<string> model = Arguments.HubModel("The model; without it the instruct model, 1.9 GB.");
        model.DefaultValueFactory = _ => ModelCatalogue.DefaultName;
        var json = Arguments.Json("Write one JSON object instead of the path.");
        var command = new Command(
            "pull", "Downloads a model from the Hugging Face hub, or what is missing of it, and writes its path.")
        {
            model, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            ModelReference reference = LocalModels.NameOf(result.GetRequiredValue(model));
            ModelHub hub = new(HubSettings.FromEnvironment(), NullLogger.Instance);
            string path = await DownloadBar.RunAsync(progress => hub.GetAsync(
                reference, mayDownload: true, isNewest: true, progress, cancellationToken));
            await Console.Out.WriteLineAsync(result.GetValue(json)
                ? Json.Page(ModelRow.Of(LocalModels.Cache.Files(reference.Repository).First(file => file.Path == path)))
                : path);
            return 0;
        });
        return command;
    }
}
