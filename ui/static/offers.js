// Questions to ask next come alone and are put below the answer that they follow, where they cover nothing of it.
watch("value", () => {
  for (const old of document.querySelectorAll("#conversation .offers")) old.remove();
  const offers = element.querySelector(".offers");
  const last = document.querySelector("#conversation .exchange:last-of-type");
  if (offers && last && !last.querySelector(".reading-now")) last.append(offers);
});
