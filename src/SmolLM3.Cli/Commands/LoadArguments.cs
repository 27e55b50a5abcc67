using System.CommandLine;
using System.CommandLine.Parsing;
using SmolLM3.Cli.Benchmarks;

namespace SmolLM3.Cli.Commands;

/// <summary>The options that make <c>bench</c> a load test.</summary>
internal sealed class LoadArguments
{
    private const int DefaultRequests = 32;
    private const int DefaultHead = 512;
    private const int DefaultOwn = 32;
    private const int DefaultAnswer = 128;
    private const int MostCancelledPercent = 99;

    private readonly Option<int[]> _clients = Arguments.Counts(
        [], 1, "Load test: clients that each ask again as soon as they are answered.", "--clients");

    private readonly Option<int?> _requests = Arguments.Count(
        1, $"Load test: requests all clients of a test ask together; default {DefaultRequests}.", "--requests");

    private readonly Option<int[]> _cancelled = Arguments.Counts(
        [0, 20], 0, "Load test: percent of the requests that are cancelled before their end.", "--cancelled");

    private readonly Option<int?> _head = Arguments.Count(
        0, $"Load test: tokens all prompts begin with; default {DefaultHead}.", "--head");

    private readonly Option<int?> _own = Arguments.Count(
        1, $"Load test: tokens of a prompt after those; default {DefaultOwn}.", "--own");

    private readonly Option<int?> _answer = Arguments.Count(
        2, $"Load test: tokens of an answer; default {DefaultAnswer}.", "--answer");

    /// <summary>Adds them to the command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="others">Its options that a load test does not take.</param>
    public void AddTo(Command command, Option[] others)
    {
        Option[] own = [_requests, _cancelled, _head, _own, _answer];
        Array.ForEach([_clients, .. own], command.Options.Add);
        command.Validators.Add(result =>
        {
            bool isWanted = IsWanted(result);
            Option? wrong = (isWanted ? others : own).FirstOrDefault(option => Arguments.IsGiven(result, option));
            if (wrong is not null)
            {
                result.AddError($"{wrong.Name} is {(isWanted ? "not for" : "only for")} load tests, which --clients asks for.");
            }
        });
    }

    /// <summary>Whether a load test is asked for.</summary>
    public bool IsWanted(SymbolResult result) => Arguments.IsGiven(result, _clients);

    /// <summary>Every combination.</summary>
    /// <exception cref="ArgumentException">A test makes no sense.</exception>
    public LoadTest[] ToTests(ParseResult result)
    {
        int[] clients = result.GetRequiredValue(_clients), percents = result.GetRequiredValue(_cancelled);
        int requests = result.GetValue(_requests) ?? DefaultRequests;
        if (clients.Max() > requests)
        {
            throw new ArgumentException($"{clients.Max()} clients have only {requests} --requests to ask.");
        }

        if (percents.Max() > MostCancelledPercent)
        {
            throw new ArgumentException($"--cancelled takes percents up to {MostCancelledPercent}: times are of the rest.");
        }

        return
        [
            .. from count in clients
               from percent in percents
               select new LoadTest(
                   count, requests, percent, result.GetValue(_head) ?? DefaultHead,
                   result.GetValue(_own) ?? DefaultOwn, result.GetValue(_answer) ?? DefaultAnswer),
        ];
    }
}
